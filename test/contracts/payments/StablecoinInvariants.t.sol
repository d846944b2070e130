// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Corridor} from "../support/Corridor.sol";
import {Test} from "../support/Test.sol";

/// @notice Does to a stablecoin what holders, minters and compliance do, in whatever order it is told to.
contract StablecoinActions is Test {
    uint96 public constant CAPACITY = 1e15;
    uint24 public constant WINDOW_SECONDS = 1 days;

    Stablecoin private immutable coin;
    address[] public holders;
    address public immutable minter = address(0x1000);
    uint256 private immutable startedAt = block.timestamp;

    uint256 public minted;
    uint256 public burned;
    mapping(address account => uint256 balance) public frozenBalanceOf;

    /// @dev In seconds. The runner's own clock is not the same when it checks the invariants.
    uint256 public elapsed;

    modifier onTime() {
        vm.warp(startedAt + elapsed);
        _;
    }

    constructor(Stablecoin coin_) {
        coin = coin_;
        for (uint160 i = 1; i <= 8; ++i) holders.push(address(0x2000 + i));
    }

    function mint(uint256 to, uint96 amount) external onTime {
        vm.prank(minter);
        try coin.mint(_holder(to), amount % (CAPACITY / 4)) {
            minted += amount % (CAPACITY / 4);
        } catch {}
    }

    function burn(uint256 from, uint256 amount) external {
        address holder = _holder(from);
        if (coin.isFrozen(holder)) return;
        amount = bound(amount, 0, coin.balanceOf(holder));
        vm.prank(holder);
        coin.burn(amount);
        burned += amount;
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        address holder = _holder(from);
        vm.prank(holder);
        try coin.transfer(_holder(to), bound(amount, 0, coin.balanceOf(holder))) {} catch {}
    }

    function transferFrom(uint256 from, uint256 by, uint256 to, uint256 amount) external {
        amount = bound(amount, 0, coin.balanceOf(_holder(from)));
        vm.prank(_holder(from));
        coin.approve(_holder(by), amount);
        vm.prank(_holder(by));
        try coin.transferFrom(_holder(from), _holder(to), amount) {} catch {}
    }

    function transferBatch(uint256 from, uint256[5] calldata to, uint256 amount) external {
        address holder = _holder(from);
        amount = bound(amount, 0, coin.balanceOf(holder) / 5);
        bytes32[] memory payments = new bytes32[](5);
        for (uint256 i = 0; i < 5; ++i) {
            payments[i] = bytes32((uint256(uint160(_holder(to[i]))) << 96) | amount);
        }
        vm.prank(holder);
        try coin.transferBatch(payments) {} catch {}
    }

    function freeze(uint256 account) external {
        address holder = _holder(account);
        if (coin.isFrozen(holder)) return;
        frozenBalanceOf[holder] = coin.balanceOf(holder);
        coin.freeze(holder);
    }

    function unfreeze(uint256 account) external {
        if (coin.isFrozen(_holder(account))) coin.unfreeze(_holder(account));
    }

    function wait(uint16 time) external {
        elapsed += time;
    }

    function holderCount() external view returns (uint256) {
        return holders.length;
    }

    function _holder(uint256 seed) private view returns (address) {
        return holders[seed % holders.length];
    }
}

/// @notice Invariants 1 to 4 of docs/domains/payments.md.
contract StablecoinInvariantsTest is Corridor {
    StablecoinActions private actions;

    function setUp() public override {
        super.setUp();
        actions = new StablecoinActions(coin);
        manager.grantRole(0, address(actions), 0);
        coin.configureMinter(actions.minter(), actions.CAPACITY(), actions.WINDOW_SECONDS());
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_1_supplyIsWhatWasMintedAndNotBurned() public view {
        assertEq(coin.totalSupply(), actions.minted() - actions.burned(), "supply");
    }

    function invariant_2_supplyIsTheSumOfBalances() public view {
        uint256 sum = 0;
        for (uint256 i = 0; i < actions.holderCount(); ++i) sum += coin.balanceOf(actions.holders(i));
        assertEq(coin.totalSupply(), sum, "sum of balances");
    }

    function invariant_3_aFrozenBalanceDoesNotMove() public view {
        for (uint256 i = 0; i < actions.holderCount(); ++i) {
            address holder = actions.holders(i);
            if (!coin.isFrozen(holder)) continue;
            assertEq(coin.balanceOf(holder), actions.frozenBalanceOf(holder), "frozen balance");
        }
    }

    function invariant_4_aMinterCreatesAtMostItsLimitAndWhatGrewBack() public view {
        uint256 time = actions.elapsed();
        uint256 capacity = actions.CAPACITY();
        assertLe(actions.minted(), capacity + (capacity * time) / actions.WINDOW_SECONDS(), "minted");
    }
}
