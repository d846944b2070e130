// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title ExposureCalendar
 * @notice What risks lock and what of their premiums is not earned yet: in all, of those that have begun, and for each day
 * ahead of those that begin on it. So a price is read at once, however many risks there are.
 * @dev The caller keeps every sum below 2^112. A day is Unix seconds / 86,400.
 */
library ExposureCalendar {
    struct Exposure {
        uint112 locked;
        uint112 unearned;
    }

    struct Calendar {
        /// @dev Of all risks.
        uint112 locked;
        uint112 unearned;
        /// @dev The last day that is in `begun`.
        uint32 rolledDay;
        Exposure begun;
        mapping(uint256 day => Exposure) ahead;
    }

    function open(Calendar storage self) internal {
        self.rolledDay = uint32(_today());
    }

    function add(Calendar storage self, uint256 day, uint256 locked, uint256 unearned) internal {
        Exposure storage part = _partOf(self, day);
        (uint256 partLocked, uint256 partUnearned) = (part.locked + locked, part.unearned + unearned);
        (part.locked, part.unearned) = (uint112(partLocked), uint112(partUnearned));
        (locked, unearned) = (self.locked + locked, self.unearned + unearned);
        (self.locked, self.unearned) = (uint112(locked), uint112(unearned));
    }

    function remove(Calendar storage self, uint256 day, uint256 locked, uint256 unearned) internal {
        Exposure storage part = _partOf(self, day);
        (uint256 partLocked, uint256 partUnearned) = (part.locked - locked, part.unearned - unearned);
        (part.locked, part.unearned) = (uint112(partLocked), uint112(partUnearned));
        (locked, unearned) = (self.locked - locked, self.unearned - unearned);
        (self.locked, self.unearned) = (uint112(locked), uint112(unearned));
    }

    /// @notice Adds up to `maxDays` days that have come to what has begun.
    function roll(Calendar storage self, uint256 maxDays) internal returns (uint256 rolled) {
        uint256 day = self.rolledDay;
        rolled = _today() - day;
        if (rolled > maxDays) rolled = maxDays;
        if (rolled == 0) return 0;

        // Days that are in the sum are never read again.
        (uint256 locked, uint256 unearned) = _begunBy(self, day + rolled);
        (self.begun.locked, self.begun.unearned) = (uint112(locked), uint112(unearned));
        self.rolledDay = uint32(day + rolled);
    }

    /// @notice What has begun, whether or not it was rolled.
    function begunNow(Calendar storage self) internal view returns (uint256 locked, uint256 unearned) {
        return _begunBy(self, _today());
    }

    function _begunBy(Calendar storage self, uint256 lastDay) private view returns (uint256 locked, uint256 unearned) {
        (locked, unearned) = (self.begun.locked, self.begun.unearned);
        uint256 day = self.rolledDay;
        while (day < lastDay) {
            Exposure storage part = self.ahead[++day];
            locked += part.locked;
            unearned += part.unearned;
        }
    }

    function _partOf(Calendar storage self, uint256 day) private view returns (Exposure storage) {
        return day > self.rolledDay ? self.ahead[day] : self.begun;
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
