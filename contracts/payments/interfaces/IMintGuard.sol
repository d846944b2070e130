// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IMintGuard
 * @notice Last word before new stablecoins come into being, for example "never more than the attested reserve".
 */
interface IMintGuard {
    /**
     * @notice Returns when the mint may go ahead, reverts when it may not.
     * @param token The stablecoin that asks.
     * @param supplyAfter What its total supply would be after the mint, in its smallest unit.
     */
    function checkMint(address token, uint256 supplyAfter) external view;
}
