// Generated from contracts/oracle/OracleHub.sol by scripts/generate.ts. Do not edit.
export const oracleHubAbi = [
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "authority",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "reporterSetDelaySeconds_",
        "type": "uint32"
      },
      {
        "internalType": "address[]",
        "name": "reporters",
        "type": "address[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "authority",
        "type": "address"
      }
    ],
    "name": "AccessManagedInvalidAuthority",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "delay",
        "type": "uint32"
      }
    ],
    "name": "AccessManagedRequiredDelay",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "AccessManagedUnauthorized",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "int256",
        "name": "minValue",
        "type": "int256"
      },
      {
        "internalType": "int256",
        "name": "maxValue",
        "type": "int256"
      }
    ],
    "name": "BoundsInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "int256",
        "name": "minValue",
        "type": "int256"
      },
      {
        "internalType": "int256",
        "name": "maxValue",
        "type": "int256"
      },
      {
        "internalType": "int256",
        "name": "minBefore",
        "type": "int256"
      },
      {
        "internalType": "int256",
        "name": "maxBefore",
        "type": "int256"
      }
    ],
    "name": "BoundsNarrowed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "DecimalsInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "FeedAlreadyAdded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "enum IOracleHub.FeedKind",
        "name": "observed",
        "type": "uint8"
      }
    ],
    "name": "FeedKindInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "internalType": "enum IOracleHub.FeedKind",
        "name": "observed",
        "type": "uint8"
      },
      {
        "internalType": "enum IOracleHub.FeedKind",
        "name": "expected",
        "type": "uint8"
      }
    ],
    "name": "FeedKindMismatch",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "feedCount",
        "type": "uint256"
      }
    ],
    "name": "FeedLimitReached",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "FeedNameInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "FeedNotFound",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidShortString",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "minimum",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "MaxAgeInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "minimum",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "MaxDeviationInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      }
    ],
    "name": "MedianCountInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "column",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "row",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "rowCount",
        "type": "uint256"
      }
    ],
    "name": "MedianInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "subject",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "windowStart",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      }
    ],
    "name": "ObservationIsMissing",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "currentTime",
        "type": "uint256"
      }
    ],
    "name": "ObservedInFuture",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "required",
        "type": "uint256"
      }
    ],
    "name": "QuorumNotReached",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "digest",
        "type": "bytes32"
      }
    ],
    "name": "QuorumSignatureInvalid",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ReportIsEmpty",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      },
      {
        "internalType": "uint256",
        "name": "effectiveAt",
        "type": "uint256"
      }
    ],
    "name": "ReporterSetAlreadyScheduled",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      },
      {
        "internalType": "uint32",
        "name": "active",
        "type": "uint32"
      }
    ],
    "name": "ReporterSetNotActive",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      },
      {
        "internalType": "uint32",
        "name": "scheduled",
        "type": "uint32"
      }
    ],
    "name": "ReporterSetNotScheduled",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "round",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "currentTime",
        "type": "uint256"
      }
    ],
    "name": "RoundInFuture",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      }
    ],
    "name": "SignatureCountInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "minimum",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "SignerCountInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "index",
        "type": "uint256"
      }
    ],
    "name": "SignerIsZero",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      }
    ],
    "name": "SignerRepeated",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "mask",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "signerCount",
        "type": "uint256"
      }
    ],
    "name": "SignerUnknown",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "str",
        "type": "string"
      }
    ],
    "name": "StringTooLong",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maxAgeSeconds",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "currentTime",
        "type": "uint256"
      }
    ],
    "name": "ValueIsStale",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "observed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      }
    ],
    "name": "ValuesSizeInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "windowStart",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      }
    ],
    "name": "WindowInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      }
    ],
    "name": "WindowNotOver",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "address",
        "name": "authority",
        "type": "address"
      }
    ],
    "name": "AuthorityUpdated",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [],
    "name": "EIP712DomainChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "enum IOracleHub.FeedKind",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "decimals",
            "type": "uint8"
          },
          {
            "internalType": "uint32",
            "name": "maxAgeSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint16",
            "name": "maxDeviationBps",
            "type": "uint16"
          },
          {
            "internalType": "int96",
            "name": "minValue",
            "type": "int96"
          },
          {
            "internalType": "int96",
            "name": "maxValue",
            "type": "int96"
          }
        ],
        "indexed": false,
        "internalType": "struct IOracleHub.FeedConfig",
        "name": "config",
        "type": "tuple"
      }
    ],
    "name": "FeedAdded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "enum IOracleHub.FeedKind",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "decimals",
            "type": "uint8"
          },
          {
            "internalType": "uint32",
            "name": "maxAgeSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint16",
            "name": "maxDeviationBps",
            "type": "uint16"
          },
          {
            "internalType": "int96",
            "name": "minValue",
            "type": "int96"
          },
          {
            "internalType": "int96",
            "name": "maxValue",
            "type": "int96"
          }
        ],
        "indexed": false,
        "internalType": "struct IOracleHub.FeedConfig",
        "name": "config",
        "type": "tuple"
      }
    ],
    "name": "FeedUpdated",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "subject",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "windowStart",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      }
    ],
    "name": "ObservationRecorded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "subject",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "windowStart",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "enum IOracleHub.SkipReason",
        "name": "reason",
        "type": "uint8"
      }
    ],
    "name": "ObservationSkipped",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "round",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      }
    ],
    "name": "PriceAccepted",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "round",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      }
    ],
    "name": "PriceHeld",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "round",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "enum IOracleHub.SkipReason",
        "name": "reason",
        "type": "uint8"
      }
    ],
    "name": "PriceSkipped",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      }
    ],
    "name": "PriceWithdrawn",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      }
    ],
    "name": "ReporterSetActivated",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      }
    ],
    "name": "ReporterSetCancelled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      },
      {
        "indexed": false,
        "internalType": "address[]",
        "name": "reporters",
        "type": "address[]"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "effectiveAt",
        "type": "uint256"
      }
    ],
    "name": "ReporterSetScheduled",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "OBSERVATIONS_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PRICES_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "enum IOracleHub.FeedKind",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "decimals",
            "type": "uint8"
          },
          {
            "internalType": "uint32",
            "name": "maxAgeSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint16",
            "name": "maxDeviationBps",
            "type": "uint16"
          },
          {
            "internalType": "int96",
            "name": "minValue",
            "type": "int96"
          },
          {
            "internalType": "int96",
            "name": "maxValue",
            "type": "int96"
          }
        ],
        "internalType": "struct IOracleHub.FeedConfig",
        "name": "config",
        "type": "tuple"
      }
    ],
    "name": "addFeed",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "authority",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      }
    ],
    "name": "cancelReporterSet",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "decimalsOf",
    "outputs": [
      {
        "internalType": "uint8",
        "name": "",
        "type": "uint8"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "eip712Domain",
    "outputs": [
      {
        "internalType": "bytes1",
        "name": "fields",
        "type": "bytes1"
      },
      {
        "internalType": "string",
        "name": "name",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "version",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "chainId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "verifyingContract",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "salt",
        "type": "bytes32"
      },
      {
        "internalType": "uint256[]",
        "name": "extensions",
        "type": "uint256[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "feedOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "enum IOracleHub.FeedKind",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "decimals",
            "type": "uint8"
          },
          {
            "internalType": "uint32",
            "name": "maxAgeSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint16",
            "name": "maxDeviationBps",
            "type": "uint16"
          },
          {
            "internalType": "int96",
            "name": "minValue",
            "type": "int96"
          },
          {
            "internalType": "int96",
            "name": "maxValue",
            "type": "int96"
          }
        ],
        "internalType": "struct IOracleHub.FeedConfig",
        "name": "config",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "heldPriceOf",
    "outputs": [
      {
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "round",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "isConsumingScheduledOp",
    "outputs": [
      {
        "internalType": "bytes4",
        "name": "",
        "type": "bytes4"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "priceOf",
    "outputs": [
      {
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "round",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "read",
    "outputs": [
      {
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "subject",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "windowStart",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      }
    ],
    "name": "readObservation",
    "outputs": [
      {
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint32",
        "name": "round",
        "type": "uint32"
      },
      {
        "internalType": "bytes32[]",
        "name": "feeds",
        "type": "bytes32[]"
      },
      {
        "components": [
          {
            "internalType": "uint32",
            "name": "setVersion",
            "type": "uint32"
          },
          {
            "internalType": "uint40",
            "name": "observedAt",
            "type": "uint40"
          },
          {
            "internalType": "uint32",
            "name": "reporters",
            "type": "uint32"
          },
          {
            "internalType": "bytes",
            "name": "values",
            "type": "bytes"
          },
          {
            "internalType": "bytes",
            "name": "medians",
            "type": "bytes"
          },
          {
            "internalType": "bytes32[]",
            "name": "signatures",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct IReporterSets.SignedValues",
        "name": "signed",
        "type": "tuple"
      }
    ],
    "name": "report",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "feed",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "subject",
            "type": "bytes32"
          },
          {
            "internalType": "uint40",
            "name": "windowStart",
            "type": "uint40"
          },
          {
            "internalType": "uint40",
            "name": "windowEnd",
            "type": "uint40"
          }
        ],
        "internalType": "struct IOracleHub.Window[]",
        "name": "windows",
        "type": "tuple[]"
      },
      {
        "components": [
          {
            "internalType": "uint32",
            "name": "setVersion",
            "type": "uint32"
          },
          {
            "internalType": "uint40",
            "name": "observedAt",
            "type": "uint40"
          },
          {
            "internalType": "uint32",
            "name": "reporters",
            "type": "uint32"
          },
          {
            "internalType": "bytes",
            "name": "values",
            "type": "bytes"
          },
          {
            "internalType": "bytes",
            "name": "medians",
            "type": "bytes"
          },
          {
            "internalType": "bytes32[]",
            "name": "signatures",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct IReporterSets.SignedValues",
        "name": "signed",
        "type": "tuple"
      }
    ],
    "name": "reportObservations",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "reporterSet",
    "outputs": [
      {
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      },
      {
        "internalType": "address[]",
        "name": "reporters",
        "type": "address[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "reporterSetDelaySeconds",
    "outputs": [
      {
        "internalType": "uint32",
        "name": "",
        "type": "uint32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address[]",
        "name": "reporters",
        "type": "address[]"
      }
    ],
    "name": "scheduleReporterSet",
    "outputs": [
      {
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "scheduledReporterSet",
    "outputs": [
      {
        "internalType": "uint32",
        "name": "version",
        "type": "uint32"
      },
      {
        "internalType": "uint256",
        "name": "effectiveAt",
        "type": "uint256"
      },
      {
        "internalType": "address[]",
        "name": "reporters",
        "type": "address[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "newAuthority",
        "type": "address"
      }
    ],
    "name": "setAuthority",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "takesObservations",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      }
    ],
    "name": "tryRead",
    "outputs": [
      {
        "internalType": "bool",
        "name": "fresh",
        "type": "bool"
      },
      {
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "subject",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "windowStart",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      }
    ],
    "name": "tryReadObservation",
    "outputs": [
      {
        "internalType": "bool",
        "name": "found",
        "type": "bool"
      },
      {
        "internalType": "int256",
        "name": "value",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "observedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "internalType": "uint32",
        "name": "maxAgeSeconds",
        "type": "uint32"
      },
      {
        "internalType": "uint16",
        "name": "maxDeviationBps",
        "type": "uint16"
      },
      {
        "internalType": "int96",
        "name": "minValue",
        "type": "int96"
      },
      {
        "internalType": "int96",
        "name": "maxValue",
        "type": "int96"
      }
    ],
    "name": "updateFeed",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const;
