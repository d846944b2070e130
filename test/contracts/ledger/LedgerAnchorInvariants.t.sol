// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LedgerAnchor} from "../../../contracts/ledger/LedgerAnchor.sol";
import {ILedgerAnchor} from "../../../contracts/ledger/interfaces/ILedgerAnchor.sol";
import {Corridor} from "../support/Corridor.sol";

/// @notice Anchorers that anchor anything in any order, and strangers that try to.
contract LedgerAnchorInvariantsTest is Corridor {
    LedgerAnchor private anchors;
    mapping(bytes32 ledgerId => uint64 number) private highest;
    mapping(bytes32 ledgerId => bytes32 head) private headOfHighest;
    string private wrong;

    function setUp() public override {
        super.setUp();
        anchors = new LedgerAnchor(address(manager));
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function anchor(uint8 ledger, uint8 number, bytes32 head) external {
        bytes32 ledgerId = bytes32(uint256(ledger % 3));
        bool mayRise = number > highest[ledgerId];
        try anchors.anchor(ledgerId, number, head) {
            if (!mayRise) wrong = "a number that does not rise was anchored";
            (highest[ledgerId], headOfHighest[ledgerId]) = (number, head);
        } catch {
            if (mayRise) wrong = "a rising number was refused";
        }
    }

    function anchorAsStranger(address stranger, uint64 number, bytes32 head) external {
        if (stranger == address(this)) return;
        vm.prank(stranger);
        try anchors.anchor(0, number, head) {
            wrong = "a stranger anchored";
        } catch {}
    }

    /// @notice The last anchor of a ledger is its highest; nothing lower, nothing of another ledger and nobody else's replaces it.
    function invariant_lastIsHighest() public view {
        assertTrue(bytes(wrong).length == 0, wrong);
        for (uint256 ledger = 0; ledger < 3; ++ledger) {
            (uint64 number, bytes32 head) = anchors.lastAnchor(bytes32(ledger));
            assertEq(number, highest[bytes32(ledger)], "number");
            assertTrue(head == headOfHighest[bytes32(ledger)], "head");
        }
    }

    function testFuzz_anchor_keepsWhatWasGiven(bytes32 ledgerId, uint64 number, bytes32 head) public {
        if (number == 0) number = 1;
        anchors.anchor(ledgerId, number, head);
        (uint64 lastNumber, bytes32 lastHead) = anchors.lastAnchor(ledgerId);
        assertEq(lastNumber, number, "number");
        assertTrue(lastHead == head, "head");
    }

    function testFuzz_anchor_takesRisingNumbersOnly(uint64 first, uint64 second) public {
        if (first == 0) first = 1;
        anchors.anchor("ledger", first, "first");
        if (second <= first)
            vm.expectRevert(
                abi.encodeWithSelector(ILedgerAnchor.NumberNotRising.selector, bytes32("ledger"), second, first)
            );
        anchors.anchor("ledger", second, "second");
        (uint64 number, ) = anchors.lastAnchor("ledger");
        assertEq(number, second > first ? second : first, "number");
    }
}
