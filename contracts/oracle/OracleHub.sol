// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {FeedState, FeedStates} from "./FeedState.sol";
import {Feeds} from "./Feeds.sol";
import {IOracleHub} from "./interfaces/IOracleHub.sol";
import {ReporterSets} from "./ReporterSets.sol";

/**
 * @title OracleHub
 * @notice See `IOracleHub`, which documents every function.
 * @dev In two layers: `ReporterSets` knows who signs, `Feeds` what becomes of a value; this contract brings them together.
 */
contract OracleHub is ReporterSets, Feeds {
    using PackedPayments for bytes32[];

    bytes32 public constant PRICES_TYPEHASH = keccak256(
        "Prices(uint32 setVersion,uint32 round,uint40 observedAt,bytes32[] feeds,bytes values)"
    );
    bytes32 public constant OBSERVATIONS_TYPEHASH = keccak256(
        "Observations(uint32 setVersion,uint40 observedAt,Window[] windows,bytes values)"
        "Window(bytes32 feed,bytes32 subject,uint40 windowStart,uint40 windowEnd)"
    );

    /**
     * @param authority The AccessManager that holds every role.
     * @param reporterSetDelaySeconds_ How long a new set of reporters is known before it signs.
     * @param reporters The first set, which signs at once.
     */
    constructor(
        address authority,
        uint32 reporterSetDelaySeconds_,
        address[] memory reporters
    ) AccessManaged(authority) EIP712("Corridor OracleHub", "1") ReporterSets(reporterSetDelaySeconds_, reporters) {}

    /// @inheritdoc IOracleHub
    function report(uint32 round, bytes32[] calldata feeds, SignedValues calldata signed) external {
        if (round > block.timestamp) revert RoundInFuture(round, block.timestamp);
        uint40 observedAt = signed.observedAt;
        // The commitment of words is how EIP-712 encodes a bytes32[].
        bytes32 feedsHash = feeds.commitment();
        bytes memory head = abi.encode(PRICES_TYPEHASH, signed.setVersion, round, observedAt, feedsHash, bytes32(0));
        int256[] memory values = _agreedValues(signed, head, feeds.length);

        uint256 stamp = FeedState.unwrap(FeedStates.price(0, round, observedAt));
        uint256[] memory bounds = _loadBounds();
        for (uint256 i = 0; i < feeds.length; ++i) {
            _takePrice(feeds[i], values[i], stamp, bounds);
        }
    }

    /// @inheritdoc IOracleHub
    function reportObservations(Window[] calldata windows, SignedValues calldata signed) external {
        uint40 observedAt = signed.observedAt;
        bytes32[] memory hashes = new bytes32[](windows.length);
        for (uint256 i = 0; i < windows.length; ++i) hashes[i] = keccak256(abi.encode(WINDOW_TYPEHASH, windows[i]));
        bytes32 windowsHash = keccak256(abi.encodePacked(hashes));
        bytes memory head = abi.encode(OBSERVATIONS_TYPEHASH, signed.setVersion, observedAt, windowsHash, bytes32(0));
        int256[] memory values = _agreedValues(signed, head, windows.length);

        uint256[] memory bounds = _loadBounds();
        for (uint256 i = 0; i < windows.length; ++i) {
            _takeObservation(windows[i], hashes[i], observedAt, values[i], bounds);
        }
    }

    /// @inheritdoc IOracleHub
    function addFeed(bytes32 feed, FeedConfig calldata config) external restricted {
        _addFeed(feed, config);
    }

    /// @inheritdoc IOracleHub
    function updateFeed(
        bytes32 feed,
        uint32 maxAgeSeconds,
        uint16 maxDeviationBps,
        int96 minValue,
        int96 maxValue
    ) external restricted {
        _updateFeed(feed, maxAgeSeconds, maxDeviationBps, minValue, maxValue);
    }
}
