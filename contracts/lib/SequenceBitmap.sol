// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title SequenceBitmap
 * @notice Numbers that are used once. 256 of them share a storage slot, so a run of 256 costs at most two writes.
 */
library SequenceBitmap {
    struct Bitmap {
        mapping(uint256 word => uint256 used) words;
    }

    function isUsed(Bitmap storage self, uint256 sequence) internal view returns (bool) {
        return (self.words[sequence >> 8] >> (sequence & 255)) & 1 == 1;
    }

    /**
     * @notice Marks one number as used.
     * @return clashed True when it was used before.
     */
    function useOne(Bitmap storage self, uint256 sequence) internal returns (bool clashed) {
        uint256 used = self.words[sequence >> 8];
        uint256 bit = 1 << (sequence & 255);
        self.words[sequence >> 8] = used | bit;
        return used & bit != 0;
    }

    /**
     * @notice Marks `count` numbers from `first` on as used, whatever they were before.
     * @dev The caller has checked that `first + count - 1` is a number, and that `count` is not 0.
     * @return clashed True when one of them was used before.
     * @return clash The lowest such number.
     */
    function use(Bitmap storage self, uint256 first, uint256 count) internal returns (bool clashed, uint256 clash) {
        unchecked {
            while (count != 0) {
                uint256 bit = first & 255;
                uint256 span = count < 256 - bit ? count : 256 - bit;
                uint256 mask = (type(uint256).max >> (256 - span)) << bit;
                uint256 used = self.words[first >> 8];
                uint256 clashes = used & mask;
                if (clashes != 0 && !clashed) {
                    clashed = true;
                    clash = first & ~uint256(255);
                    while (clashes & 1 == 0) {
                        clashes >>= 1;
                        ++clash;
                    }
                }
                self.words[first >> 8] = used | mask;
                first += span;
                count -= span;
            }
        }
    }
}
