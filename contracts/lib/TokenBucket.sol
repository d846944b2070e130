// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title TokenBucket
 * @notice A spending limit that grows back evenly: up to `capacity` at once, from empty to full in `windowSeconds`.
 * @dev One storage slot. In any time `t` at most `capacity + capacity * t / windowSeconds` is spent. What grows back is
 * rounded down, against the spender. A bucket of capacity 0 is closed.
 */
library TokenBucket {
    struct Bucket {
        uint96 capacity;
        uint96 level;
        uint40 updatedAt;
        uint24 windowSeconds;
    }

    /// @notice A limit needs a time to grow back in.
    error WindowInvalid(uint24 windowSeconds, uint24 minimum);

    /**
     * @notice Sets the limit; it starts full.
     */
    function configure(Bucket storage self, uint96 capacity, uint24 windowSeconds) internal {
        if (capacity != 0 && windowSeconds == 0) revert WindowInvalid(windowSeconds, 1);

        self.capacity = capacity;
        self.level = capacity;
        self.updatedAt = uint40(block.timestamp);
        self.windowSeconds = windowSeconds;
    }

    /**
     * @notice What may be spent now, rounded down.
     */
    function available(Bucket storage self) internal view returns (uint256) {
        return _available(self.capacity, self.level, self.updatedAt, self.windowSeconds);
    }

    /**
     * @notice Spends `amount` if the bucket is open and that much is available.
     * @dev A closed bucket refuses an amount of 0 too: a limit is also the permission to act at all.
     * @return spent False when nothing was spent.
     * @return before What was available.
     */
    function trySpend(Bucket storage self, uint256 amount) internal returns (bool spent, uint256 before) {
        Bucket memory bucket = self;
        before = _available(bucket.capacity, bucket.level, bucket.updatedAt, bucket.windowSeconds);
        if (amount > before || bucket.capacity == 0) return (false, before);

        // Cannot truncate: amount <= before <= capacity, a uint96.
        bucket.level = uint96(before - amount);
        bucket.updatedAt = uint40(block.timestamp);
        self.capacity = bucket.capacity;
        self.level = bucket.level;
        self.updatedAt = bucket.updatedAt;
        self.windowSeconds = bucket.windowSeconds;
        return (true, before);
    }

    /**
     * @notice Gives back `amount` that was spent in this very call and did not move.
     */
    function restore(Bucket storage self, uint256 amount) internal {
        // Cannot overflow: at most what trySpend just took is given back.
        self.level += uint96(amount);
    }

    function _available(
        uint256 capacity,
        uint256 level,
        uint256 updatedAt,
        uint256 windowSeconds
    ) private view returns (uint256) {
        if (capacity == 0) return 0;
        unchecked {
            // 96 + 40 bits at most; the clock does not run backwards; windowSeconds is not 0 (see configure).
            uint256 grown = level + (capacity * (block.timestamp - updatedAt)) / windowSeconds;
            return grown < capacity ? grown : capacity;
        }
    }
}
