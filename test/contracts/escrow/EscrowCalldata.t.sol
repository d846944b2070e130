// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/escrow/interfaces/IEscrow.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @notice Terms are hashed as they stand in the calldata, so a bit outside of a field's width must never get through.
contract EscrowCalldataTest is EscrowTest {
    uint256 private constant SALT_WORD = 15;
    uint256 private constant FIRST_MILESTONE_WORD = 18;

    function test_authorize_refusesDirtyBits() external {
        uint8[14] memory widths = [160, 160, 160, 96, 160, 40, 40, 40, 16, 16, 160, 160, 32, 16];
        for (uint256 word = 0; word < widths.length; ++word) {
            assertTrue(!_authorizesWithBit(word, widths[word]), "lowest dirty bit");
            assertTrue(!_authorizesWithBit(word, 255), "highest dirty bit");
        }
        assertTrue(!_authorizesWithBit(FIRST_MILESTONE_WORD, 96), "lowest dirty bit of a milestone");
        assertTrue(!_authorizesWithBit(FIRST_MILESTONE_WORD + 1, 255), "highest dirty bit of a milestone");
    }

    /// @dev Shows that it is the dirt that is refused above.
    function test_authorize_takesAnyBitOfTheSalt() external {
        assertTrue(_authorizesWithBit(SALT_WORD, 255), "salt");
    }

    function _authorizesWithBit(uint256 word, uint256 bit) private returns (bool success) {
        IEscrow.Terms memory dirty = terms(100);
        dirty.milestones = new uint96[](2);
        (dirty.milestones[0], dirty.milestones[1]) = (40, 60);
        (dirty.defaultPayeeBps, dirty.minFeeBps) = (1, 1);
        bytes memory data = abi.encodeCall(escrow.authorize, (dirty, 100));
        // Behind the length: selector, offset of the terms, amount.
        uint256 position = 0x20 + 4 + 0x40 + word * 0x20;
        assembly ("memory-safe") {
            let field := add(data, position)
            mstore(field, or(mload(field), shl(bit, 1)))
        }
        vm.prank(payer);
        (success, ) = address(escrow).call(data);
    }
}
