// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title ExposureCalendar
 * @notice What risks lock and what was paid for them: in all, of those whose windows start on a day that has come, and for each
 * day ahead. So a price is read at once, however many risks there are.
 * @dev The caller keeps every sum below 2^112. A day is Unix seconds / 86,400.
 */
library ExposureCalendar {
    struct Exposure {
        uint112 locked;
        uint112 premiums;
    }

    struct Calendar {
        /// @dev Of all risks.
        uint112 locked;
        uint112 premiums;
        /// @dev The last day that is in `begun`.
        uint32 rolledDay;
        Exposure begun;
        mapping(uint256 day => Exposure) ahead;
    }

    function open(Calendar storage self) internal {
        self.rolledDay = uint32(_today());
    }

    function add(Calendar storage self, uint256 windowStart, uint256 locked, uint256 premiums) internal {
        Exposure storage part = _partOf(self, windowStart);
        (uint256 partLocked, uint256 partPremiums) = (part.locked + locked, part.premiums + premiums);
        (part.locked, part.premiums) = (uint112(partLocked), uint112(partPremiums));
        (locked, premiums) = (self.locked + locked, self.premiums + premiums);
        (self.locked, self.premiums) = (uint112(locked), uint112(premiums));
    }

    function remove(Calendar storage self, uint256 windowStart, uint256 locked, uint256 premiums) internal {
        Exposure storage part = _partOf(self, windowStart);
        (uint256 partLocked, uint256 partPremiums) = (part.locked - locked, part.premiums - premiums);
        (part.locked, part.premiums) = (uint112(partLocked), uint112(partPremiums));
        (locked, premiums) = (self.locked - locked, self.premiums - premiums);
        (self.locked, self.premiums) = (uint112(locked), uint112(premiums));
    }

    /// @notice Adds up to `maxDays` days that have come to what has begun.
    function roll(Calendar storage self, uint256 maxDays) internal returns (uint256 rolled) {
        uint256 day = self.rolledDay;
        rolled = _today() - day;
        if (rolled > maxDays) rolled = maxDays;
        if (rolled == 0) return 0;

        // Days that are in the sum are never read again.
        (uint256 locked, uint256 premiums) = _begunBy(self, day + rolled);
        (self.begun.locked, self.begun.premiums) = (uint112(locked), uint112(premiums));
        self.rolledDay = uint32(day + rolled);
    }

    /// @notice What has begun, whether or not it was rolled.
    function begunNow(Calendar storage self) internal view returns (uint256 locked, uint256 premiums) {
        return _begunBy(self, _today());
    }

    function _begunBy(Calendar storage self, uint256 lastDay) private view returns (uint256 locked, uint256 premiums) {
        (locked, premiums) = (self.begun.locked, self.begun.premiums);
        uint256 day = self.rolledDay;
        while (day < lastDay) {
            Exposure storage part = self.ahead[++day];
            locked += part.locked;
            premiums += part.premiums;
        }
    }

    function _partOf(Calendar storage self, uint256 windowStart) private view returns (Exposure storage) {
        uint256 day = windowStart / 1 days;
        return day > self.rolledDay ? self.ahead[day] : self.begun;
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
