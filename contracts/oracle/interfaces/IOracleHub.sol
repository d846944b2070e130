// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleReader} from "./IOracleReader.sol";
import {IReporterSets} from "./IReporterSets.sol";

/**
 * @title IOracleHub
 * @notice Takes in what reporters observe, several feeds in one report, and keeps the median of each.
 * @dev Anybody may transmit a report: signatures decide. "Restricted" functions may be called by whoever the AccessManager
 * says.
 *
 * Each reporter signs its own values; there is no leader and no second round of signing. At least 2f + 1 of 3f + 1 distinct
 * reporters are in a report, at most f of them lie, so the median lies between two honest values.
 *
 * What is wrong with the report itself (its set, time, signatures, form, a feed that does not exist) reverts all of it:
 * nobody can have signed that in good faith. What is wrong with one feed skips that feed, says why in an event, and
 * leaves the others.
 *
 * There is no pause. A stopped feed would be silence, and silence has consequences of its own: it refunds a premium
 * where a claim was due. Who must be protected from a wrong value stops its own entries.
 */
interface IOracleHub is IOracleReader, IReporterSets {
    enum FeedKind {
        NONE,
        PRICE,
        OBSERVATION
    }

    enum SkipReason {
        ROUND_NOT_NEWER,
        TIME_NOT_NEWER,
        TOO_OLD,
        OUT_OF_BOUNDS,
        ALREADY_OBSERVED
    }

    struct FeedConfig {
        FeedKind kind;
        /// @dev At most 18. Never changes, as the kind.
        uint8 decimals;
        /// @dev A value older than this is stale. At least 1 for price feeds, 0 for observation feeds.
        uint32 maxAgeSeconds;
        /// @dev A larger step from the current value is held until a second round confirms it. 1 to 10,000 for price feeds, 0 for
        /// observation feeds.
        uint16 maxDeviationBps;
        /// @dev Both possible, in units of 10^-decimals.
        int96 minValue;
        int96 maxValue;
    }

    /// @notice What an observation is of.
    struct Window {
        bytes32 feed;
        bytes32 subject;
        /// @dev Unix seconds, both within.
        uint40 windowStart;
        uint40 windowEnd;
    }

    event FeedAdded(bytes32 indexed feed, FeedConfig config);
    event FeedUpdated(bytes32 indexed feed, FeedConfig config);
    /// @notice The feed has this value now. When it was observed stands in `priceOf`.
    event PriceAccepted(bytes32 indexed feed, uint256 round, int256 value);
    /// @notice The value is too far from the current one (or is the first); it waits for a later round that confirms it.
    event PriceHeld(bytes32 indexed feed, uint256 round, int256 value, uint256 observedAt);
    /// @notice The report changed nothing of this feed.
    event PriceSkipped(bytes32 indexed feed, uint256 round, int256 value, SkipReason reason);
    /// @notice New bounds exclude the value that the feed had; it has none now.
    event PriceWithdrawn(bytes32 indexed feed, int256 value);
    /// @notice This was observed, for ever.
    event ObservationRecorded(
        bytes32 indexed feed,
        bytes32 indexed subject,
        uint256 windowStart,
        uint256 windowEnd,
        int256 value,
        uint256 observedAt
    );
    /// @notice The report did not record this observation.
    event ObservationSkipped(
        bytes32 indexed feed,
        bytes32 indexed subject,
        uint256 windowStart,
        uint256 windowEnd,
        int256 value,
        SkipReason reason
    );

    error FeedNotFound(bytes32 feed);
    error FeedKindMismatch(bytes32 feed, FeedKind observed, FeedKind expected);
    error FeedAlreadyAdded(bytes32 feed);
    /// @notice A name has 1 to 31 characters.
    error FeedNameInvalid(bytes32 feed);
    error FeedKindInvalid(FeedKind observed);
    error FeedLimitReached(uint256 feedCount);
    error DecimalsInvalid(uint256 observed, uint256 maximum);
    error MaxAgeInvalid(uint256 observed, uint256 minimum, uint256 maximum);
    error MaxDeviationInvalid(uint256 observed, uint256 minimum, uint256 maximum);
    error BoundsInvalid(int256 minValue, int256 maxValue);
    /// @notice The bounds of an observation feed only become wider.
    error BoundsNarrowed(int256 minValue, int256 maxValue, int256 minBefore, int256 maxBefore);
    /// @notice The round is ahead of the chain's clock.
    error RoundInFuture(uint256 round, uint256 currentTime);
    /// @notice A window begins not after its end.
    error WindowInvalid(uint256 windowStart, uint256 windowEnd);
    /// @notice The window was not over when it was observed.
    error WindowNotOver(uint256 windowEnd, uint256 observedAt);

    /**
     * @notice Takes in a round of prices. Anybody may call.
     * @dev Each reporter signs, by EIP-712, `Prices(uint32 setVersion,uint32 round,uint40 observedAt,bytes32[] feeds,bytes values)`,
     * with its own row of values.
     *
     * For each feed the median is: skipped, when its round is not greater than the last, its time not later than the last,
     * when it is older than the feed's max age, or out of the feed's bounds; accepted, when it is within the max deviation of the
     * current value, or of a held one of an earlier round; held otherwise. A held value that is not confirmed by the next
     * round is dropped or replaced. Staleness does not change this: the last value stays what a jump is measured from,
     * and without any value the first is held.
     *
     * Reverts with RoundInFuture, ReporterSetNotActive, ObservedInFuture, ReportIsEmpty, ValuesSizeInvalid, MedianCountInvalid,
     * SignatureCountInvalid, FeedNotFound, FeedKindMismatch, with SignerUnknown, QuorumNotReached and QuorumSignatureInvalid (see
     * `QuorumSignatures`) and MedianInvalid (see `Median`).
     * @param round Rises from report to report, a counter or Unix seconds; a feed can be left out of some. Never ahead of the
     * chain's clock, so that a hostile quorum cannot use up the rounds of the sets after it: those go on with Unix seconds.
     */
    function report(uint32 round, bytes32[] calldata feeds, SignedValues calldata signed) external;

    /**
     * @notice Takes in observations, each of which is recorded once, for ever. Anybody may call.
     * @dev Each reporter signs `Observations(uint32 setVersion,uint40 observedAt,Window[] windows,bytes values)` with
     * `Window(bytes32 feed,bytes32 subject,uint40 windowStart,uint40 windowEnd)`.
     *
     * Skipped is what is out of the feed's bounds, and what was observed before, whatever it says now.
     *
     * Reverts as `report`, and with WindowInvalid and WindowNotOver.
     */
    function reportObservations(Window[] calldata windows, SignedValues calldata signed) external;

    /**
     * @notice Adds a feed; feeds are never removed. At most 256. Restricted.
     * @dev Reverts with FeedNameInvalid, FeedAlreadyAdded, FeedKindInvalid, FeedLimitReached, DecimalsInvalid, MaxAgeInvalid,
     * MaxDeviationInvalid, BoundsInvalid.
     */
    function addFeed(bytes32 feed, FeedConfig calldata config) external;

    /**
     * @notice Changes the rules of a feed, not its kind and decimals. Restricted. A held value is dropped (its report can be
     * transmitted again, and is held again); a value that is out of the new bounds is withdrawn, and its round stays used.
     * @dev Warning: a longer max age makes a stale value fresh again. Wider bounds do not bring a withdrawn value back.
     *
     * Reverts with FeedNotFound, MaxAgeInvalid, MaxDeviationInvalid, BoundsInvalid, and for an observation feed with
     * BoundsNarrowed: whatever can be observed today can be observed for ever, because somebody may be insured by it.
     */
    function updateFeed(
        bytes32 feed,
        uint32 maxAgeSeconds,
        uint16 maxDeviationBps,
        int96 minValue,
        int96 maxValue
    ) external;

    /// @notice The rules of a feed. Reverts with FeedNotFound.
    function feedOf(bytes32 feed) external view returns (FeedConfig memory config);

    /**
     * @notice The last value of a price feed, however old; `observedAt` is 0 when it has none.
     * @dev Reverts with FeedNotFound, FeedKindMismatch.
     */
    function priceOf(bytes32 feed) external view returns (int256 value, uint256 observedAt, uint256 round);

    /**
     * @notice The value of a price feed that waits for confirmation; `observedAt` is 0 when none does.
     * @dev Reverts with FeedNotFound, FeedKindMismatch.
     */
    function heldPriceOf(bytes32 feed) external view returns (int256 value, uint256 observedAt, uint256 round);
}
