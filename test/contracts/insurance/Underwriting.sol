// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IParametricCover} from "../../../contracts/insurance/interfaces/IParametricCover.sol";
import {CoverPool} from "../../../contracts/insurance/CoverPool.sol";
import {ParametricCover} from "../../../contracts/insurance/ParametricCover.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Test} from "../support/Test.sol";
import {SettableOracle} from "./SettableOracle.sol";

/// @notice A pool of the stablecoin bound to its cover, with one product; every role is the test contract's, without delay.
abstract contract Underwriting is Test {
    uint256 internal constant STEP = 10_000;
    /// @dev Short beside the risks, so that many leave while some have begun.
    uint256 internal constant COOLDOWN = 1 days;
    bytes32 internal constant FEED = "flight-delay-minutes";

    AccessManager internal manager;
    Stablecoin internal coin;
    SettableOracle internal oracle;
    CoverPool internal pool;
    ParametricCover internal cover;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(address(this));
        coin = new Stablecoin("Corridor USD", "cUSD", address(manager));
        oracle = new SettableOracle();
        pool = new CoverPool(address(coin), "Corridor cover", "cCOVER", address(manager), COOLDOWN, 10 days);
        cover = new ParametricCover(pool, oracle, address(manager));
        pool.setCover(address(cover));
        coin.configureMinter(address(this), type(uint96).max, 1);
        oracle.addFeed(FEED);
        createProduct(terms());
    }

    function terms() internal pure returns (IParametricCover.ProductTerms memory) {
        return
            IParametricCover.ProductTerms({
                feed: FEED,
                clusterMask: bytes32(type(uint256).max),
                operator: IParametricCover.TriggerOperator.AtLeast,
                waitingPeriodSeconds: 1 days,
                minWindowSeconds: 1 hours,
                maxWindowSeconds: 2 days,
                maxLeadSeconds: 5 days,
                graceSeconds: 1 days,
                expectedLossPpm: 30_000,
                loadPpm: 200_000,
                capitalChargePpmPerYear: 100_000,
                maxInsuredPerRisk: uint96(STEP * 1e12),
                maxInsuredPerCluster: uint96(STEP * 1e12)
            });
    }

    function createProduct(IParametricCover.ProductTerms memory terms_) internal returns (uint256) {
        IParametricCover.Tier[] memory tiers = new IParametricCover.Tier[](3);
        tiers[0] = IParametricCover.Tier(60, 2_500);
        tiers[1] = IParametricCover.Tier(120, 5_000);
        tiers[2] = IParametricCover.Tier(240, 10_000);
        return cover.createProduct(terms_, tiers);
    }

    /// @dev Opens the risk that `orderOf` orders.
    function openRisk(bytes32 subject, uint256 windowStart) internal {
        cover.openRisk(1, subject, windowStart, windowStart + 4 hours);
    }

    /// @dev Cover for `holder` on a flight whose window of 4 hours starts at `windowStart`, at any premium.
    function orderOf(
        bytes32 subject,
        uint256 windowStart,
        uint256 insured,
        address holder
    ) internal pure returns (IParametricCover.CoverOrder memory) {
        return
            IParametricCover.CoverOrder({
                productId: 1,
                subject: subject,
                windowStart: windowStart,
                windowEnd: windowStart + 4 hours,
                insured: insured,
                maxPremium: type(uint256).max,
                holder: holder,
                transferable: false
            });
    }
}
