// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleReader} from "../../../contracts/oracle/interfaces/IOracleReader.sol";

/// @notice Says what it was told to, where a test wants to say what was observed and nothing else.
contract SettableOracle is IOracleReader {
    struct Observation {
        bool found;
        int256 value;
    }

    error FeedNotFound(bytes32 feed);

    mapping(bytes32 feed => bool) private _feeds;
    mapping(bytes32 key => Observation) private _observations;

    function addFeed(bytes32 feed) external {
        _feeds[feed] = true;
    }

    function observe(bytes32 feed, bytes32 subject, uint256 windowStart, uint256 windowEnd, int256 value) external {
        _observations[keccak256(abi.encode(feed, subject, windowStart, windowEnd))] = Observation(true, value);
    }

    function tryReadObservation(
        bytes32 feed,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external view returns (bool found, int256 value, uint256 observedAt) {
        Observation memory observation = _observations[keccak256(abi.encode(feed, subject, windowStart, windowEnd))];
        return (observation.found, observation.value, windowEnd);
    }

    function readObservation(
        bytes32 feed,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external pure returns (int256, uint256) {
        revert ObservationIsMissing(feed, subject, windowStart, windowEnd);
    }

    function read(bytes32 feed) external view returns (int256, uint256) {
        revert ValueIsStale(feed, 0, 0, block.timestamp);
    }

    function tryRead(bytes32) external pure returns (bool, int256, uint256) {
        return (false, 0, 0);
    }

    function takesObservations(bytes32 feed) external view returns (bool) {
        if (!_feeds[feed]) revert FeedNotFound(feed);
        return true;
    }

    function decimalsOf(bytes32) external pure returns (uint8) {
        return 0;
    }
}
