// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The cheat codes of Hardhat's Solidity test runner that these tests use.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function assume(bool condition) external pure;
    function chainId(uint256 id) external;
    function expectRevert(bytes calldata revertData) external;
    function prank(address sender) external;
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
}

/// @notice What a Solidity test needs, and no more.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, uint256 left, uint256 right);
    error NotAtMost(string what, uint256 left, uint256 right);
    error NotTrue(string what);

    function assertEq(uint256 left, uint256 right, string memory what) internal pure {
        if (left != right) revert NotEqual(what, left, right);
    }

    function assertLe(uint256 left, uint256 right, string memory what) internal pure {
        if (left > right) revert NotAtMost(what, left, right);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @notice The contracts whose functions an invariant test calls in random order.
    function targetContracts() public view virtual returns (address[] memory) {}

    /// @notice Who calls none of them: the test itself, whose own calls come after the random ones.
    function excludeSenders() public view returns (address[] memory senders) {
        senders = new address[](1);
        senders[0] = address(this);
    }

    /// @notice A number from `minimum` to `maximum`, both possible.
    function bound(uint256 value, uint256 minimum, uint256 maximum) internal pure returns (uint256) {
        if (minimum == 0 && maximum == type(uint256).max) return value;
        return minimum + (value % (maximum - minimum + 1));
    }
}
