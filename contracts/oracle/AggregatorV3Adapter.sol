// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAggregatorV3} from "./interfaces/IAggregatorV3.sol";
import {IOracleHub} from "./interfaces/IOracleHub.sol";

/**
 * @title AggregatorV3Adapter
 * @notice One price feed of the hub for whoever reads Chainlink's interface. A round's id is the round of the report; only the
 * last one is known.
 */
contract AggregatorV3Adapter is IAggregatorV3 {
    /// @notice The feed never had a value, or it was withdrawn.
    error NoDataPresent(bytes32 feed);
    /// @notice Only the last round is known.
    error RoundNotKnown(uint80 observed, uint80 expected);

    uint256 public constant override version = 1;

    IOracleHub public immutable hub;
    bytes32 public immutable feed;
    uint8 public immutable override decimals;

    /**
     * @dev Reverts with FeedNotFound and FeedKindMismatch (see `IOracleHub`).
     */
    constructor(IOracleHub hub_, bytes32 feed_) {
        hub = hub_;
        feed = feed_;
        // No value is needed yet, but it must be a price feed.
        hub_.priceOf(feed_);
        decimals = hub_.decimalsOf(feed_);
    }

    /// @inheritdoc IAggregatorV3
    function description() external view returns (string memory) {
        uint256 length = 0;
        // A name has 1 to 31 characters.
        while (feed[length] != 0) ++length;
        bytes memory name = bytes.concat(feed);
        assembly ("memory-safe") {
            mstore(name, length)
        }
        return string(name);
    }

    /// @inheritdoc IAggregatorV3
    function getRoundData(
        uint80 roundId
    ) external view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) {
        (id, answer, startedAt, updatedAt, answeredInRound) = latestRoundData();
        if (roundId != id) revert RoundNotKnown(roundId, id);
    }

    /// @inheritdoc IAggregatorV3
    function latestRoundData()
        public
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        uint256 round;
        (answer, updatedAt, round) = hub.priceOf(feed);
        if (updatedAt == 0) revert NoDataPresent(feed);
        // Cannot truncate: rounds have 32 bits.
        id = uint80(round);
        return (id, answer, updatedAt, updatedAt, id);
    }
}
