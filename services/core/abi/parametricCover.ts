// Generated from contracts/insurance/ParametricCover.sol by scripts/generate.ts. Do not edit.
export const parametricCoverAbi = [
  {
    "inputs": [
      {
        "internalType": "contract ICoverPool",
        "name": "pool_",
        "type": "address"
      },
      {
        "internalType": "contract IOracleReader",
        "name": "oracle_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "authority",
        "type": "address"
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
        "internalType": "address",
        "name": "target",
        "type": "address"
      }
    ],
    "name": "AddressEmptyCode",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "count",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "BatchSizeInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "requested",
        "type": "uint256"
      }
    ],
    "name": "CancellationExceedsInsured",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "ClusterLimitExceeded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "expectedLossPpm",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "ExpectedLossInvalid",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "FailedCall",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "graceSeconds",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "minimum",
        "type": "uint256"
      }
    ],
    "name": "GraceInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "holder",
        "type": "address"
      }
    ],
    "name": "HolderInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "step",
        "type": "uint256"
      }
    ],
    "name": "InsuredInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "waitingPeriodSeconds",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maxLeadSeconds",
        "type": "uint256"
      }
    ],
    "name": "LeadInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "maxInsuredPerRisk",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maxInsuredPerCluster",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "LimitsInvalid",
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
    "name": "NotAnObservationFeed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "holder",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotTheHolder",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      }
    ],
    "name": "NothingIsOwed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "deadline",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      }
    ],
    "name": "ObservationIsAwaited",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "operator",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "available",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "required",
        "type": "uint256"
      }
    ],
    "name": "OperatorLimitExceeded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "deadline",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      }
    ],
    "name": "OrderExpired",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      }
    ],
    "name": "PolicyIsNotTransferable",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      }
    ],
    "name": "PolicyNotFound",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "premium",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maxPremium",
        "type": "uint256"
      }
    ],
    "name": "PremiumAboveMaximum",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      }
    ],
    "name": "ProductIsNotPaused",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      }
    ],
    "name": "ProductIsPaused",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      }
    ],
    "name": "ProductNotFound",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      }
    ],
    "name": "RiskExists",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      }
    ],
    "name": "RiskIsOpen",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      },
      {
        "internalType": "enum IParametricCover.RiskState",
        "name": "state",
        "type": "uint8"
      }
    ],
    "name": "RiskIsSettled",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "RiskLimitExceeded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      }
    ],
    "name": "RiskNotFound",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
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
    "name": "RiskNotOpened",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "durationSeconds",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "RiskTooLong",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "sequence",
        "type": "uint256"
      }
    ],
    "name": "SequenceAlreadyUsed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "count",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maximum",
        "type": "uint256"
      }
    ],
    "name": "TierCountInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "index",
        "type": "uint256"
      },
      {
        "internalType": "int256",
        "name": "threshold",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "payoutBps",
        "type": "uint256"
      }
    ],
    "name": "TierInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "waitingPeriodSeconds",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "minimum",
        "type": "uint256"
      }
    ],
    "name": "WaitingPeriodInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "minWindowSeconds",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maxWindowSeconds",
        "type": "uint256"
      }
    ],
    "name": "WindowBoundsInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint24",
        "name": "windowSeconds",
        "type": "uint24"
      },
      {
        "internalType": "uint24",
        "name": "minimum",
        "type": "uint24"
      }
    ],
    "name": "WindowInvalid",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "windowEnd",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      }
    ],
    "name": "WindowIsOpen",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "lengthSeconds",
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
    "name": "WindowLengthInvalid",
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
        "name": "latest",
        "type": "uint256"
      }
    ],
    "name": "WindowStartsTooLate",
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
        "name": "earliest",
        "type": "uint256"
      }
    ],
    "name": "WindowStartsTooSoon",
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
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "operator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "limit",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "windowSeconds",
        "type": "uint256"
      }
    ],
    "name": "OperatorAuthorized",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "sequence",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "operator",
        "type": "address"
      }
    ],
    "name": "OrderFilled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "refund",
        "type": "uint256"
      }
    ],
    "name": "PolicyCancelled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "holder",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "premium",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "capitalCharge",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "bool",
        "name": "transferable",
        "type": "bool"
      }
    ],
    "name": "PolicyIssued",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "holder",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "PolicyPaid",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "PolicyTransferred",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "PremiumRefunded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "feed",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "feed",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "clusterMask",
            "type": "bytes32"
          },
          {
            "internalType": "enum IParametricCover.TriggerOperator",
            "name": "operator",
            "type": "uint8"
          },
          {
            "internalType": "uint32",
            "name": "waitingPeriodSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "minWindowSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "maxWindowSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "maxLeadSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "graceSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint24",
            "name": "expectedLossPpm",
            "type": "uint24"
          },
          {
            "internalType": "uint24",
            "name": "loadPpm",
            "type": "uint24"
          },
          {
            "internalType": "uint24",
            "name": "capitalChargePpmPerYear",
            "type": "uint24"
          },
          {
            "internalType": "uint96",
            "name": "maxInsuredPerRisk",
            "type": "uint96"
          },
          {
            "internalType": "uint96",
            "name": "maxInsuredPerCluster",
            "type": "uint96"
          }
        ],
        "indexed": false,
        "internalType": "struct IParametricCover.ProductTerms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "int48",
            "name": "threshold",
            "type": "int48"
          },
          {
            "internalType": "uint16",
            "name": "payoutBps",
            "type": "uint16"
          }
        ],
        "indexed": false,
        "internalType": "struct IParametricCover.Tier[]",
        "name": "tiers",
        "type": "tuple[]"
      }
    ],
    "name": "ProductCreated",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "ProductPaused",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "ProductUnpaused",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
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
      }
    ],
    "name": "RiskOpened",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "enum IParametricCover.RiskState",
        "name": "state",
        "type": "uint8"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "observation",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "payoutBps",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "owed",
        "type": "uint256"
      }
    ],
    "name": "RiskSettled",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "COVER_STEP",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
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
        "internalType": "address",
        "name": "operator",
        "type": "address"
      },
      {
        "internalType": "uint96",
        "name": "limit",
        "type": "uint96"
      },
      {
        "internalType": "uint24",
        "name": "windowSeconds",
        "type": "uint24"
      }
    ],
    "name": "authorizeOperator",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      }
    ],
    "name": "cancel",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "refund",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
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
      }
    ],
    "name": "clusterInsured",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
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
            "name": "clusterMask",
            "type": "bytes32"
          },
          {
            "internalType": "enum IParametricCover.TriggerOperator",
            "name": "operator",
            "type": "uint8"
          },
          {
            "internalType": "uint32",
            "name": "waitingPeriodSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "minWindowSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "maxWindowSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "maxLeadSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "graceSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint24",
            "name": "expectedLossPpm",
            "type": "uint24"
          },
          {
            "internalType": "uint24",
            "name": "loadPpm",
            "type": "uint24"
          },
          {
            "internalType": "uint24",
            "name": "capitalChargePpmPerYear",
            "type": "uint24"
          },
          {
            "internalType": "uint96",
            "name": "maxInsuredPerRisk",
            "type": "uint96"
          },
          {
            "internalType": "uint96",
            "name": "maxInsuredPerCluster",
            "type": "uint96"
          }
        ],
        "internalType": "struct IParametricCover.ProductTerms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "int48",
            "name": "threshold",
            "type": "int48"
          },
          {
            "internalType": "uint16",
            "name": "payoutBps",
            "type": "uint16"
          }
        ],
        "internalType": "struct IParametricCover.Tier[]",
        "name": "tiers",
        "type": "tuple[]"
      }
    ],
    "name": "createProduct",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
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
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "sequence",
        "type": "uint256"
      }
    ],
    "name": "isSequenceUsed",
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
        "components": [
          {
            "internalType": "uint256",
            "name": "productId",
            "type": "uint256"
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
          },
          {
            "internalType": "uint256",
            "name": "insured",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "maxPremium",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "holder",
            "type": "address"
          },
          {
            "internalType": "bool",
            "name": "transferable",
            "type": "bool"
          }
        ],
        "internalType": "struct IParametricCover.CoverOrder",
        "name": "order",
        "type": "tuple"
      }
    ],
    "name": "issue",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "sequence",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "deadline",
        "type": "uint256"
      },
      {
        "components": [
          {
            "internalType": "uint256",
            "name": "productId",
            "type": "uint256"
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
          },
          {
            "internalType": "uint256",
            "name": "insured",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "maxPremium",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "holder",
            "type": "address"
          },
          {
            "internalType": "bool",
            "name": "transferable",
            "type": "bool"
          }
        ],
        "internalType": "struct IParametricCover.CoverOrder",
        "name": "order",
        "type": "tuple"
      }
    ],
    "name": "issueFor",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "uint256",
            "name": "productId",
            "type": "uint256"
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
          },
          {
            "internalType": "uint256",
            "name": "insured",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "maxPremium",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "holder",
            "type": "address"
          },
          {
            "internalType": "bool",
            "name": "transferable",
            "type": "bool"
          }
        ],
        "internalType": "struct IParametricCover.CoverOrder",
        "name": "order",
        "type": "tuple"
      },
      {
        "internalType": "uint256",
        "name": "deadline",
        "type": "uint256"
      },
      {
        "internalType": "uint8",
        "name": "v",
        "type": "uint8"
      },
      {
        "internalType": "bytes32",
        "name": "r",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "s",
        "type": "bytes32"
      }
    ],
    "name": "issueWithPermit",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes[]",
        "name": "data",
        "type": "bytes[]"
      }
    ],
    "name": "multicall",
    "outputs": [
      {
        "internalType": "bytes[]",
        "name": "results",
        "type": "bytes[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
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
    "name": "openRisk",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "buyer",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "operator",
        "type": "address"
      }
    ],
    "name": "operatorAllowance",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "available",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "limit",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "windowSeconds",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "oracle",
    "outputs": [
      {
        "internalType": "contract IOracleReader",
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
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      }
    ],
    "name": "pauseProduct",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      },
      {
        "internalType": "uint256[]",
        "name": "policyIds",
        "type": "uint256[]"
      }
    ],
    "name": "payPolicies",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "count",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      },
      {
        "internalType": "int256",
        "name": "observation",
        "type": "int256"
      }
    ],
    "name": "payoutBpsFor",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "policyCount",
    "outputs": [
      {
        "internalType": "uint128",
        "name": "",
        "type": "uint128"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      }
    ],
    "name": "policyOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "holder",
            "type": "address"
          },
          {
            "internalType": "uint56",
            "name": "insuredSteps",
            "type": "uint56"
          },
          {
            "internalType": "uint32",
            "name": "riskNumber",
            "type": "uint32"
          },
          {
            "internalType": "bool",
            "name": "transferable",
            "type": "bool"
          }
        ],
        "internalType": "struct IParametricCover.Policy",
        "name": "policy",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "buyer",
            "type": "address"
          },
          {
            "internalType": "uint96",
            "name": "unearnedPremium",
            "type": "uint96"
          }
        ],
        "internalType": "struct IParametricCover.Purchase",
        "name": "purchase",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "pool",
    "outputs": [
      {
        "internalType": "contract ICoverPool",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "productCount",
    "outputs": [
      {
        "internalType": "uint16",
        "name": "",
        "type": "uint16"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      }
    ],
    "name": "productOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "feed",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "clusterMask",
            "type": "bytes32"
          },
          {
            "internalType": "enum IParametricCover.TriggerOperator",
            "name": "operator",
            "type": "uint8"
          },
          {
            "internalType": "uint32",
            "name": "waitingPeriodSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "minWindowSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "maxWindowSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "maxLeadSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "graceSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint24",
            "name": "expectedLossPpm",
            "type": "uint24"
          },
          {
            "internalType": "uint24",
            "name": "loadPpm",
            "type": "uint24"
          },
          {
            "internalType": "uint24",
            "name": "capitalChargePpmPerYear",
            "type": "uint24"
          },
          {
            "internalType": "uint96",
            "name": "maxInsuredPerRisk",
            "type": "uint96"
          },
          {
            "internalType": "uint96",
            "name": "maxInsuredPerCluster",
            "type": "uint96"
          }
        ],
        "internalType": "struct IParametricCover.ProductTerms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "int48",
            "name": "threshold",
            "type": "int48"
          },
          {
            "internalType": "uint16",
            "name": "payoutBps",
            "type": "uint16"
          }
        ],
        "internalType": "struct IParametricCover.Tier[]",
        "name": "tiers",
        "type": "tuple[]"
      },
      {
        "internalType": "bool",
        "name": "paused",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
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
      },
      {
        "internalType": "uint256",
        "name": "insured",
        "type": "uint256"
      }
    ],
    "name": "quote",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "premium",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "expectedLoss",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "load",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "capitalCharge",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "riskCount",
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
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
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
    "name": "riskNumberOf",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      }
    ],
    "name": "riskOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "uint16",
            "name": "productId",
            "type": "uint16"
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
          },
          {
            "internalType": "enum IParametricCover.RiskState",
            "name": "state",
            "type": "uint8"
          },
          {
            "internalType": "uint16",
            "name": "payoutBps",
            "type": "uint16"
          },
          {
            "internalType": "uint56",
            "name": "insuredSteps",
            "type": "uint56"
          },
          {
            "internalType": "uint80",
            "name": "unearnedPremiums",
            "type": "uint80"
          },
          {
            "internalType": "bytes32",
            "name": "subject",
            "type": "bytes32"
          }
        ],
        "internalType": "struct IParametricCover.Risk",
        "name": "risk",
        "type": "tuple"
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
        "internalType": "uint256",
        "name": "riskNumber",
        "type": "uint256"
      }
    ],
    "name": "settleRisk",
    "outputs": [
      {
        "internalType": "enum IParametricCover.RiskState",
        "name": "state",
        "type": "uint8"
      },
      {
        "internalType": "uint256",
        "name": "owed",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "policyId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "transferPolicy",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "productId",
        "type": "uint256"
      }
    ],
    "name": "unpauseProduct",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const;
