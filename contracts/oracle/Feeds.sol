// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {FeedState, FeedStates} from "./FeedState.sol";
import {IOracleHub} from "./interfaces/IOracleHub.sol";
import {IOracleReader} from "./interfaces/IOracleReader.sol";
import {ReportTable} from "./ReportTable.sol";

/**
 * @title Feeds
 * @notice See `IOracleHub`, which documents every function: the rules of feeds, their values, and what becomes of a new one.
 */
abstract contract Feeds is IOracleHub, ReportTable {
    uint256 private constant MAX_FEEDS = 256;
    uint256 private constant MAX_DECIMALS = 18;
    uint256 private constant BPS = 10_000;
    uint256 private constant PRICE_KIND = uint256(FeedKind.PRICE) << 176;

    struct Feed {
        FeedState state;
        /// @dev Only what the state says is held counts.
        FeedState heldPrice;
    }

    struct Observation {
        int96 value;
        uint40 observedAt;
        bool isRecorded;
    }

    mapping(bytes32 name => Feed feed) private _feeds;
    mapping(bytes32 windowHash => Observation observation) private _observations;

    bytes32 internal constant WINDOW_TYPEHASH = keccak256(
        "Window(bytes32 feed,bytes32 subject,uint40 windowStart,uint40 windowEnd)"
    );

    // Reads

    /// @inheritdoc IOracleReader
    function read(bytes32 feed) external view returns (int256 value, uint256 observedAt) {
        FeedState state = _requireKind(feed, FeedKind.PRICE);
        if (!_isFresh(state)) revert ValueIsStale(feed, state.observedAt(), state.maxAgeSeconds(), block.timestamp);
        return (state.value(), state.observedAt());
    }

    /// @inheritdoc IOracleReader
    function tryRead(bytes32 feed) external view returns (bool fresh, int256 value, uint256 observedAt) {
        FeedState state = _feeds[feed].state;
        return (_isFresh(state), state.value(), state.observedAt());
    }

    /// @inheritdoc IOracleReader
    function readObservation(
        bytes32 feed,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external view returns (int256 value, uint256 observedAt) {
        bool found;
        (found, value, observedAt) = tryReadObservation(feed, subject, windowStart, windowEnd);
        if (!found) revert ObservationIsMissing(feed, subject, windowStart, windowEnd);
    }

    /// @inheritdoc IOracleReader
    function tryReadObservation(
        bytes32 feed,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) public view returns (bool found, int256 value, uint256 observedAt) {
        bytes32 windowHash = keccak256(abi.encode(WINDOW_TYPEHASH, feed, subject, windowStart, windowEnd));
        Observation memory observation = _observations[windowHash];
        return (observation.isRecorded, observation.value, observation.observedAt);
    }

    /// @inheritdoc IOracleReader
    function takesObservations(bytes32 feed) external view returns (bool) {
        return _requireFeed(feed).kind() == uint256(FeedKind.OBSERVATION);
    }

    /// @inheritdoc IOracleReader
    function decimalsOf(bytes32 feed) external view returns (uint8) {
        return uint8(_requireFeed(feed).decimals());
    }

    /// @inheritdoc IOracleHub
    function feedOf(bytes32 feed) external view returns (FeedConfig memory config) {
        return _config(_requireFeed(feed), _loadBounds());
    }

    /// @inheritdoc IOracleHub
    function priceOf(bytes32 feed) external view returns (int256 value, uint256 observedAt, uint256 round) {
        FeedState state = _requireKind(feed, FeedKind.PRICE);
        return (state.value(), state.observedAt(), state.round());
    }

    /// @inheritdoc IOracleHub
    function heldPriceOf(bytes32 feed) external view returns (int256 value, uint256 observedAt, uint256 round) {
        if (!_requireKind(feed, FeedKind.PRICE).isHeld()) return (0, 0, 0);
        FeedState held = _feeds[feed].heldPrice;
        return (held.value(), held.observedAt(), held.round());
    }

    // Rules

    function _addFeed(bytes32 feed, FeedConfig calldata config) internal {
        if (feed[0] == 0 || feed[31] != 0) revert FeedNameInvalid(feed);
        if (_feeds[feed].state.kind() != uint256(FeedKind.NONE)) revert FeedAlreadyAdded(feed);
        if (config.kind == FeedKind.NONE) revert FeedKindInvalid(config.kind);
        if (config.decimals > MAX_DECIMALS) revert DecimalsInvalid(config.decimals, MAX_DECIMALS);
        uint256[] memory bounds = _loadBounds();
        uint256 index = bounds.length;
        if (index == MAX_FEEDS) revert FeedLimitReached(MAX_FEEDS);
        _checkRules(config.kind, config.maxAgeSeconds, config.maxDeviationBps, config.minValue, config.maxValue);

        FeedState state = FeedStates.create(config.kind, config.decimals, index);
        _feeds[feed].state = state.withRules(config.maxAgeSeconds, config.maxDeviationBps);
        _storeBounds(abi.encodePacked(bounds, _pack(config.minValue, config.maxValue)));
        emit FeedAdded(feed, config);
    }

    function _updateFeed(
        bytes32 feed,
        uint32 maxAgeSeconds,
        uint16 maxDeviationBps,
        int96 minValue,
        int96 maxValue
    ) internal {
        FeedState state = _requireFeed(feed);
        _checkRules(FeedKind(state.kind()), maxAgeSeconds, maxDeviationBps, minValue, maxValue);

        uint256[] memory bounds = _loadBounds();
        // Or an observation that is due could be kept out for ever, and a claim with it.
        if (state.kind() == uint256(FeedKind.OBSERVATION)) {
            FeedConfig memory before = _config(state, bounds);
            if (minValue > before.minValue || maxValue < before.maxValue) {
                revert BoundsNarrowed(minValue, maxValue, before.minValue, before.maxValue);
            }
        }
        bounds[state.index()] = _pack(minValue, maxValue);
        _storeBounds(abi.encodePacked(bounds));
        int256 value = state.value();
        bool isWithdrawn = state.observedAt() != 0 && (value < minValue || value > maxValue);
        if (isWithdrawn) state = state.withPrice(FeedStates.price(0, state.round(), 0));
        state = state.withRules(maxAgeSeconds, maxDeviationBps);
        _feeds[feed].state = state;
        emit FeedUpdated(feed, _config(state, bounds));
        if (isWithdrawn) emit PriceWithdrawn(feed, value);
    }

    // New values

    /**
     * @dev Accepts, holds or skips the median of a price feed. In words and masks, because a report does it for eight feeds.
     * @param stamp Round and time of the report, as a price without a value.
     * @param bounds The loaded table.
     */
    function _takePrice(bytes32 feed, int256 value, uint256 stamp, uint256[] memory bounds) internal {
        Feed storage stored = _feeds[feed];
        uint256 state = FeedState.unwrap(stored.state);
        if (state & FeedStates.KIND != PRICE_KIND) _revertKind(feed, stored.state, FeedKind.PRICE);
        uint256 last = state & FeedStates.IS_HELD == 0 ? state : FeedState.unwrap(stored.heldPrice);

        if (stamp & FeedStates.ROUND <= last & FeedStates.ROUND) {
            emit PriceSkipped(feed, stamp >> 136, value, SkipReason.ROUND_NOT_NEWER);
        } else if (stamp & FeedStates.OBSERVED_AT <= last & FeedStates.OBSERVED_AT) {
            emit PriceSkipped(feed, stamp >> 136, value, SkipReason.TIME_NOT_NEWER);
        } else if (_isTooOld(stamp, state)) {
            emit PriceSkipped(feed, stamp >> 136, value, SkipReason.TOO_OLD);
        } else if (!_isInBounds(value, bounds[(state >> 192) & type(uint8).max])) {
            emit PriceSkipped(feed, stamp >> 136, value, SkipReason.OUT_OF_BOUNDS);
        } else if (
            (state & FeedStates.OBSERVED_AT != 0 && _isNear(value, state, state)) ||
            (state & FeedStates.IS_HELD != 0 && _isNear(value, last, state))
        ) {
            stored.state = FeedState.wrap((state & ~FeedStates.PRICE_AND_IS_HELD) | stamp | uint96(uint256(value)));
            emit PriceAccepted(feed, stamp >> 136, value);
        } else {
            stored.heldPrice = FeedState.wrap(stamp | uint96(uint256(value)));
            stored.state = FeedState.wrap(state | FeedStates.IS_HELD);
            emit PriceHeld(feed, stamp >> 136, value, (stamp & FeedStates.OBSERVED_AT) >> 96);
        }
    }

    /// @dev Records or skips the median of an observation. `bounds` is the loaded table.
    function _takeObservation(
        Window calldata window,
        bytes32 windowHash,
        uint40 observedAt,
        int256 value,
        uint256[] memory bounds
    ) internal {
        if (window.windowStart > window.windowEnd) revert WindowInvalid(window.windowStart, window.windowEnd);
        if (window.windowEnd > observedAt) revert WindowNotOver(window.windowEnd, observedAt);
        uint256 index = _requireKind(window.feed, FeedKind.OBSERVATION).index();

        if (_observations[windowHash].isRecorded) {
            _skipObservation(window, value, SkipReason.ALREADY_OBSERVED);
        } else if (!_isInBounds(value, bounds[index])) {
            _skipObservation(window, value, SkipReason.OUT_OF_BOUNDS);
        } else {
            // Cannot truncate: 12 bytes were signed.
            _observations[windowHash] = Observation(int96(value), observedAt, true);
            emit ObservationRecorded(
                window.feed,
                window.subject,
                window.windowStart,
                window.windowEnd,
                value,
                observedAt
            );
        }
    }

    function _skipObservation(Window calldata window, int256 value, SkipReason reason) private {
        emit ObservationSkipped(window.feed, window.subject, window.windowStart, window.windowEnd, value, reason);
    }

    function _requireFeed(bytes32 feed) private view returns (FeedState state) {
        state = _feeds[feed].state;
        if (state.kind() == uint256(FeedKind.NONE)) revert FeedNotFound(feed);
    }

    function _requireKind(bytes32 feed, FeedKind expected) private view returns (FeedState state) {
        state = _feeds[feed].state;
        if (state.kind() != uint256(expected)) _revertKind(feed, state, expected);
    }

    function _revertKind(bytes32 feed, FeedState state, FeedKind expected) private pure {
        if (state.kind() == uint256(FeedKind.NONE)) revert FeedNotFound(feed);
        revert FeedKindMismatch(feed, FeedKind(state.kind()), expected);
    }

    function _config(FeedState state, uint256[] memory bounds) private pure returns (FeedConfig memory config) {
        config.kind = FeedKind(state.kind());
        // None can truncate: the word holds no more of each.
        config.decimals = uint8(state.decimals());
        config.maxAgeSeconds = uint32(state.maxAgeSeconds());
        config.maxDeviationBps = uint16(state.maxDeviationBps());
        uint256 word = bounds[state.index()];
        config.minValue = int96(uint96(word >> 96));
        config.maxValue = int96(uint96(word));
    }

    /// @dev An observation feed has no time of its own, and an unknown feed neither: both are never fresh.
    function _isFresh(FeedState state) private view returns (bool) {
        return state.observedAt() != 0 && !_isTooOld(FeedState.unwrap(state), FeedState.unwrap(state));
    }

    /// @dev Is a price with this time older than the rules allow? Nothing is observed in the future.
    function _isTooOld(uint256 price, uint256 rules) private view returns (bool) {
        unchecked {
            return block.timestamp - ((price & FeedStates.OBSERVED_AT) >> 96) > (rules >> 200) & type(uint32).max;
        }
    }

    /// @dev `word` holds the bounds: 64 bits of nothing, the lowest and the highest value.
    function _isInBounds(int256 value, uint256 word) private pure returns (bool) {
        return value >= int256(word << 64) >> 160 && value <= int256(word << 160) >> 160;
    }

    /// @dev Exact: |value - from| <= |from| * maxDeviationBps / 10,000, without the division. Values have 96 bits.
    function _isNear(int256 value, uint256 price, uint256 rules) private pure returns (bool) {
        int256 from = int256(price << 160) >> 160;
        unchecked {
            return SignedMath.abs(value - from) * BPS <= SignedMath.abs(from) * (rules >> 232);
        }
    }

    function _checkRules(
        FeedKind kind,
        uint256 maxAgeSeconds,
        uint256 maxDeviationBps,
        int256 minValue,
        int256 maxValue
    ) private pure {
        (uint256 minimum, uint256 longest, uint256 widest) = kind == FeedKind.PRICE
            ? (1, type(uint32).max, BPS)
            : (uint256(0), uint256(0), uint256(0));
        if (maxAgeSeconds < minimum || maxAgeSeconds > longest) revert MaxAgeInvalid(maxAgeSeconds, minimum, longest);
        if (maxDeviationBps < minimum || maxDeviationBps > widest) {
            revert MaxDeviationInvalid(maxDeviationBps, minimum, widest);
        }
        if (minValue > maxValue) revert BoundsInvalid(minValue, maxValue);
    }

    function _pack(int96 minValue, int96 maxValue) private pure returns (uint256) {
        return (uint256(uint96(minValue)) << 96) | uint96(maxValue);
    }
}
