// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IOracleReader
 * @notice What contracts read of the oracle. A feed is a name of at most 31 characters in a bytes32, such as "EUR/USD" or
 * "flight-delay-minutes". Two kinds: a price feed has one current value; an observation feed has one final value for each
 * subject (which flight) and window of time.
 */
interface IOracleReader {
    /// @notice The feed's value is older than its max age, or it has none (`observedAt` 0).
    error ValueIsStale(bytes32 feed, uint256 observedAt, uint256 maxAgeSeconds, uint256 currentTime);
    /// @notice No quorum has reported this observation yet.
    error ObservationIsMissing(bytes32 feed, bytes32 subject, uint256 windowStart, uint256 windowEnd);

    /**
     * @notice The current value of a price feed.
     * @dev Reverts with ValueIsStale, and with FeedNotFound or FeedKindMismatch (see `IOracleHub`).
     * @return value In units of 10^-decimals, as the feed's configuration says.
     * @return observedAt Unix seconds at which the reporters observed it.
     */
    function read(bytes32 feed) external view returns (int256 value, uint256 observedAt);

    /// @notice As `read`, but tells instead of reverting. `fresh` is false when stale, without a value, or no price feed.
    function tryRead(bytes32 feed) external view returns (bool fresh, int256 value, uint256 observedAt);

    /**
     * @notice The observation of `subject` in [windowStart, windowEnd], Unix seconds. It never changes once it is there.
     * @dev Reverts with ObservationIsMissing.
     * @return value In units of 10^-decimals, as the feed's configuration says.
     * @return observedAt Unix seconds at which the reporters observed it, not before windowEnd.
     */
    function readObservation(
        bytes32 feed,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external view returns (int256 value, uint256 observedAt);

    /// @notice As `readObservation`, but tells instead of reverting.
    function tryReadObservation(
        bytes32 feed,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external view returns (bool found, int256 value, uint256 observedAt);

    /// @notice True for an observation feed, false for a price feed. Reverts with FeedNotFound.
    function takesObservations(bytes32 feed) external view returns (bool);

    /// @notice Decimals of the feed's values. Reverts with FeedNotFound.
    function decimalsOf(bytes32 feed) external view returns (uint8);
}
