// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Underwriting} from "./Underwriting.sol";

/// @notice Fuzz tests of the pool as an ERC-4626 vault: the rounding table of docs/domains/insurance.md, row by row, and what
/// the standard asks for. Each begins in a pool with any capital, any donation and a risk that has or has not begun.
contract CoverPoolTest is Underwriting {
    address private constant STAYER = address(0x51A7);
    address private constant ACTOR = address(0xAC70);

    function testFuzz_previewDeposit_roundsDown(uint256 seed, uint88 amount) public {
        _pool(seed);
        uint256 shares = pool.previewDeposit(amount);
        (uint256 entry, uint256 supply) = (_entryAssets(), pool.totalSupply() + 1e6);
        assertLe(shares * entry, amount * supply, "at most");
        assertTrue((shares + 1) * entry > amount * supply, "and no less");
    }

    function testFuzz_previewMint_roundsUp(uint256 seed, uint88 shares) public {
        _pool(seed);
        uint256 assets = pool.previewMint(shares);
        (uint256 entry, uint256 supply) = (_entryAssets(), pool.totalSupply() + 1e6);
        assertLe(shares * entry, assets * supply, "at least");
        assertTrue(assets == 0 || (assets - 1) * supply < shares * entry, "and no more");
    }

    function testFuzz_previewRedeem_roundsDown(uint256 seed, uint88 shares) public {
        _pool(seed);
        shares = uint88(bound(shares, 0, pool.totalSupply() - 1));
        uint256 assets = pool.previewRedeem(shares);
        (uint256 exit, uint256 supply) = (_exitAssets(), pool.totalSupply() + 1e6);
        assertLe(assets * supply, shares * exit, "at most");
        assertTrue((assets + 1) * supply > shares * exit, "and no less");
    }

    function testFuzz_previewWithdraw_roundsUp(uint256 seed, uint88 amount) public {
        _pool(seed);
        amount = uint88(bound(amount, 0, _exitAssets() / 2));
        uint256 shares = pool.previewWithdraw(amount);
        (uint256 exit, uint256 supply) = (_exitAssets(), pool.totalSupply() + 1e6);
        assertLe(amount * supply, shares * exit, "at least");
        assertTrue(shares == 0 || (shares - 1) * exit < amount * supply, "and no more");
    }

    function testFuzz_convert_roundsDown(uint256 seed, uint88 amount) public {
        _pool(seed);
        (uint256 assets, uint256 supply) = (pool.totalAssets() + 1, pool.totalSupply() + 1e6);
        assertEq(pool.convertToShares(amount), (amount * supply) / assets, "shares");
        assertEq(pool.convertToAssets(amount), (amount * assets) / supply, "assets");
        assertLe(pool.previewDeposit(amount), pool.convertToShares(amount), "nobody enters below the plain price");
        uint256 shares = bound(amount, 0, pool.totalSupply() - 1);
        assertLe(pool.previewRedeem(shares), pool.convertToAssets(shares), "nobody leaves above the plain price");
    }

    function testFuzz_capacity_roundsDown(uint256 seed, uint88 shares) public {
        _pool(seed);
        uint256 queued = bound(shares, 1, pool.balanceOf(STAYER));
        vm.prank(STAYER);
        pool.requestRedeem(queued);
        uint256 free = pool.totalAssets() - pool.lockedCapital();
        uint256 supply = pool.totalSupply() + 1e6;
        uint256 worth = free - pool.capacity();
        assertTrue(pool.capacity() == 0 || worth * supply >= queued * (pool.totalAssets() + 1), "queued is covered");
    }

    function testFuzz_previews_equalResults(uint256 seed, uint88 assets, uint88 shares) public {
        _pool(seed);
        assets = uint88(bound(assets, pool.previewMint(1), 1e18));
        shares = uint88(bound(shares, 1, 1e24));
        _fund(ACTOR, 1e30);
        vm.prank(ACTOR);
        uint256 expected = pool.previewDeposit(assets);
        vm.prank(ACTOR);
        assertEq(pool.deposit(assets, ACTOR), expected, "deposit");
        expected = pool.previewMint(shares);
        vm.prank(ACTOR);
        assertEq(pool.mint(shares, ACTOR), expected, "mint");

        _coolDown(ACTOR);
        uint256 half = pool.maxRedeem(ACTOR) / 2;
        expected = pool.previewRedeem(half);
        vm.prank(ACTOR);
        if (expected == 0) assertEq(pool.redeem(half, ACTOR, ACTOR, 0), 0, "redeem for nothing");
        else assertEq(pool.redeem(half, ACTOR, ACTOR), expected, "redeem");
        half = pool.maxWithdraw(ACTOR) / 2;
        expected = pool.previewWithdraw(half);
        vm.prank(ACTOR);
        assertEq(pool.withdraw(half, ACTOR, ACTOR), expected, "withdraw");
    }

    /// @dev In and out, however, with whatever time between: nobody has more than before.
    function testFuzz_roundTrip_gainsNothing(uint256 seed, uint88 assets, bool byMint, bool byWithdraw) public {
        _pool(seed);
        assets = uint88(bound(assets, pool.previewMint(1), 1e18));
        _fund(ACTOR, 1e30);
        uint256 before = coin.balanceOf(ACTOR);
        uint256 shares = pool.previewDeposit(assets);
        vm.prank(ACTOR);
        if (byMint) pool.mint(shares, ACTOR);
        else pool.deposit(assets, ACTOR);

        _coolDown(ACTOR);
        uint256 most = byWithdraw ? pool.maxWithdraw(ACTOR) : pool.maxRedeem(ACTOR);
        vm.prank(ACTOR);
        if (byWithdraw) pool.withdraw(most, ACTOR, ACTOR);
        else pool.redeem(most, ACTOR, ACTOR);
        assertLe(coin.balanceOf(ACTOR), before, "balance");
    }

    function testFuzz_max_canBeTakenAndNoMore(uint256 seed, uint88 requested) public {
        _pool(seed);
        uint256 shares = bound(requested, 1, pool.balanceOf(STAYER));
        vm.prank(STAYER);
        pool.requestRedeem(shares);
        vm.warp(block.timestamp + COOLDOWN);
        uint256 most = pool.maxRedeem(STAYER);
        uint256 worth = pool.maxWithdraw(STAYER);
        assertEq(worth, pool.previewRedeem(most), "maxWithdraw");
        assertLe(worth, pool.totalAssets() - pool.lockedCapital(), "free");
        assertLe(pool.previewWithdraw(worth), most, "shares for maxWithdraw");
        vm.prank(STAYER);
        if (seed & 1 == 0) pool.redeem(most, STAYER, STAYER);
        else pool.withdraw(worth, STAYER, STAYER);
        assertLe(pool.lockedCapital(), pool.totalAssets(), "locked");
    }

    function testFuzz_max_neverReverts(uint256 seed, address account) public {
        _pool(seed);
        pool.maxDeposit(account);
        pool.maxMint(account);
        pool.maxRedeem(account);
        pool.maxWithdraw(account);
        if (seed & 1 == 0) pool.pause();
        vm.warp(block.timestamp + (seed % 1000) * 1 days);
        assertTrue(pool.maxDeposit(account) != 0 || seed & 1 == 0, "open");
        assertTrue(pool.maxMint(account) != 0 || seed & 1 == 0, "open");
        assertEq(pool.maxRedeem(account), 0, "nothing requested");
        assertEq(pool.maxWithdraw(account), 0, "nothing requested");
    }

    /// @dev Whatever an attacker donates ahead of a deposit into an empty pool, it loses more than the depositor.
    function testFuzz_donation_costsMoreThanItTakes(uint40 first, uint64 donation, uint64 deposit) public {
        uint256 dust = bound(first, 1, 1e6);
        uint256 given = bound(donation, 1, 1e18);
        _fund(ACTOR, dust + given);
        vm.prank(ACTOR);
        pool.deposit(dust, ACTOR);
        vm.prank(ACTOR);
        coin.transfer(address(pool), given);
        pool.absorb();

        uint256 assets = bound(deposit, pool.previewMint(1), 2e18);
        _fund(STAYER, assets);
        vm.prank(STAYER);
        pool.deposit(assets, STAYER);
        uint256 victimHas = pool.previewRedeem(pool.balanceOf(STAYER));
        uint256 attackerHas = pool.previewRedeem(pool.balanceOf(ACTOR));
        uint256 victimLost = victimHas > assets ? 0 : assets - victimHas;
        uint256 attackerPaid = dust + given;
        assertLe(attackerHas, attackerPaid, "attacker gains");
        assertLe(victimLost, attackerPaid - attackerHas + 1, "victim loses more than the attacker");
    }

    /// @dev Capital and donation of any size; half of the seeds lock some of it, half of those for a risk that has begun.
    function _pool(uint256 seed) private {
        uint256 capital = bound(seed >> 8, STEP, 1e18);
        _fund(STAYER, 1e30);
        vm.prank(STAYER);
        pool.deposit(capital, STAYER);
        coin.mint(address(pool), bound(seed >> 80, 1, capital));
        pool.absorb();
        if (seed & 2 == 0) return;

        uint256 insured = bound(seed >> 160, 1, capital / STEP) * STEP;
        uint256 start = block.timestamp + 2 days;
        openRisk("a", start);
        vm.prank(STAYER);
        cover.issue(orderOf("a", start, insured < 1e12 * STEP ? insured : 1e12 * STEP, STAYER));
        if (seed & 4 == 0) vm.warp(start);
    }

    function _fund(address account, uint256 amount) private {
        uint256 most = type(uint96).max / 1e3;
        coin.mint(account, amount < most ? amount : most);
        vm.prank(account);
        coin.approve(address(pool), type(uint256).max);
        vm.warp(block.timestamp + 1);
    }

    function _coolDown(address owner) private {
        uint256 shares = pool.balanceOf(owner);
        vm.prank(owner);
        pool.requestRedeem(shares);
        vm.warp(block.timestamp + COOLDOWN);
    }

    function _entryAssets() private view returns (uint256) {
        (, uint256 unearned) = pool.begunExposure();
        return pool.totalAssets() + unearned + 1;
    }

    function _exitAssets() private view returns (uint256) {
        (uint256 locked, ) = pool.begunExposure();
        return pool.totalAssets() - locked + 1;
    }
}
