// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC4626, IERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ICoverPool} from "./interfaces/ICoverPool.sol";
import {RedeemQueue} from "./RedeemQueue.sol";

/**
 * @title BoundedVault
 * @notice See `ICoverPool`, which documents every function: entry and exit with the caller's bound on the price (ERC-5143).
 */
abstract contract BoundedVault is RedeemQueue {
    /// @inheritdoc ICoverPool
    function deposit(uint256 assets, address receiver, uint256 minShares) external returns (uint256 shares) {
        shares = deposit(assets, receiver);
        if (shares < minShares) revert ResultBelowMinimum(shares, minShares);
    }

    /// @inheritdoc ICoverPool
    function mint(uint256 shares, address receiver, uint256 maxAssets) external returns (uint256 assets) {
        assets = mint(shares, receiver);
        if (assets > maxAssets) revert CostAboveMaximum(assets, maxAssets);
    }

    /// @inheritdoc ICoverPool
    function withdraw(
        uint256 assets,
        address receiver,
        address owner,
        uint256 maxShares
    ) external returns (uint256 shares) {
        shares = withdraw(assets, receiver, owner);
        if (shares > maxShares) revert CostAboveMaximum(shares, maxShares);
    }

    /// @inheritdoc ICoverPool
    function redeem(
        uint256 shares,
        address receiver,
        address owner,
        uint256 minAssets
    ) public returns (uint256 assets) {
        uint256 most = _redeemable(owner);
        if (shares > most) revert ERC4626ExceededMaxRedeem(owner, shares, most);
        assets = previewRedeem(shares);
        if (assets < minAssets) revert ResultBelowMinimum(assets, minAssets);

        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @inheritdoc IERC4626
    function redeem(
        uint256 shares,
        address receiver,
        address owner
    ) public override(ERC4626, IERC4626) returns (uint256) {
        return redeem(shares, receiver, owner, shares == 0 ? 0 : 1);
    }

    /// @inheritdoc IERC4626
    /// @dev 0 for shares that are worth nothing: they leave by the overload alone.
    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        uint256 shares = _redeemable(owner);
        return previewRedeem(shares) == 0 ? 0 : shares;
    }

    /// @dev How many shares the owner can redeem now, whatever they are worth.
    function _redeemable(address owner) internal view virtual returns (uint256);
}
