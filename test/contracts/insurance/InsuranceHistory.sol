// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CoverPool} from "../../../contracts/insurance/CoverPool.sol";
import {IParametricCover} from "../../../contracts/insurance/interfaces/IParametricCover.sol";
import {ParametricCover} from "../../../contracts/insurance/ParametricCover.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Test} from "../support/Test.sol";

/// @notice Who takes part in a random history, and what can be told of it: prices, what is owed, what was received.
abstract contract InsuranceHistory is Test {
    CoverPool internal immutable pool;
    ParametricCover internal immutable cover;
    Stablecoin internal immutable coin;

    address public immutable buyer = address(0xB0);
    address[3] public underwriters = [address(0xA1), address(0xA2), address(0xA3)];
    address[2] public holders = [address(0xC1), address(0xC2)];

    constructor(CoverPool pool_, ParametricCover cover_, Stablecoin coin_) {
        (pool, cover, coin) = (pool_, cover_, coin_);
        for (uint256 i = 0; i < underwriters.length; ++i) _approve(underwriters[i]);
        _approve(buyer);
    }

    // What the invariants sum up

    function policiesOf(uint256 riskNumber) public view returns (uint256 steps, uint256 unearned) {
        for (uint256 id = 1; id <= cover.policyCount(); ++id) {
            try cover.policyOf(id) returns (
                IParametricCover.Policy memory policy,
                IParametricCover.Purchase memory purchase
            ) {
                if (policy.riskNumber == riskNumber) {
                    steps += policy.insuredSteps;
                    unearned += purchase.unearnedPremium;
                }
            } catch {}
        }
    }

    /// @notice The last second in which the risk can be sold and cancelled.
    function closeOf(uint256 riskNumber) public view returns (uint256) {
        IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
        (IParametricCover.ProductTerms memory terms, , ) = cover.productOf(risk.productId);
        return risk.windowStart - terms.waitingPeriodSeconds;
    }

    // Prices

    /// @dev What the shares would be worth if every begun risk paid its most.
    function _worstCase() internal view returns (uint256 assets, uint256 shares) {
        (uint256 locked, ) = pool.begunExposure();
        return (pool.totalAssets() - locked + 1, pool.totalSupply() + 1e6);
    }

    /// @dev What the shares would be worth if no begun risk paid anything.
    function _bestCase() internal view returns (uint256 assets, uint256 shares) {
        (, uint256 unearned) = pool.begunExposure();
        return (pool.totalAssets() + unearned + 1, pool.totalSupply() + 1e6);
    }

    // Payments

    function _owed(uint256 riskNumber, uint256[] memory ids) internal view returns (uint256 owed) {
        IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_isAmong(ids, i)) continue;
            try cover.policyOf(ids[i]) returns (
                IParametricCover.Policy memory policy,
                IParametricCover.Purchase memory purchase
            ) {
                if (policy.riskNumber != riskNumber) continue;
                bool silent = risk.state == IParametricCover.RiskState.Silent;
                owed += silent ? purchase.unearnedPremium : uint256(policy.insuredSteps) * risk.payoutBps;
            } catch {}
        }
    }

    /// @dev True when the id at `index` stands before it already.
    function _isAmong(uint256[] memory ids, uint256 index) private pure returns (bool) {
        for (uint256 i = 0; i < index; ++i) if (ids[i] == ids[index]) return true;
        return false;
    }

    function _isOwed(uint256[] memory ids, uint256 riskNumber) internal view returns (bool) {
        for (uint256 i = 0; i < ids.length; ++i) {
            try cover.policyOf(ids[i]) returns (
                IParametricCover.Policy memory policy,
                IParametricCover.Purchase memory
            ) {
                if (policy.riskNumber == riskNumber) return true;
            } catch {}
        }
        return false;
    }

    /// @dev What everybody who can be a buyer or a holder has, with credits.
    function _received() internal view returns (uint256 received) {
        for (uint256 i = 0; i < 6; ++i) {
            address account = _account(i);
            received += coin.balanceOf(account) + pool.creditOf(account, address(coin));
        }
    }

    /// @dev 0 to 2 the underwriters, 3 the buyer, 4 and 5 the holders.
    function _account(uint256 index) internal view returns (address) {
        if (index < 3) return underwriters[index];
        return index == 3 ? buyer : holders[index - 4];
    }

    // Choices

    /// @dev For three of four seeds a risk in this state, over if it is open, from the given one on; any risk otherwise; 0
    /// when there is none.
    function _risk(uint256 seed, IParametricCover.RiskState state) internal view returns (uint256) {
        uint256 count = cover.riskCount();
        for (uint256 i = 0; i < count && seed % 4 != 0; ++i) {
            uint256 riskNumber = 1 + ((((seed / 4) % count) + i) % count);
            IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
            if (risk.state == state && risk.windowEnd <= block.timestamp) return riskNumber;
        }
        return count == 0 ? 0 : 1 + ((seed / 4) % count);
    }

    /// @dev A risk that is on sale, from the given one on; 0 when there is none.
    function _riskOnSale(uint256 seed) internal view returns (uint256) {
        uint256 count = cover.riskCount();
        for (uint256 i = 0; i < count; ++i) {
            uint256 riskNumber = 1 + (((seed % count) + i) % count);
            if (closeOf(riskNumber) >= block.timestamp) return riskNumber;
        }
        return 0;
    }

    /// @dev A policy that is there, from the given one on; 0 when there is none.
    function _policy(uint256 policyId) internal view returns (uint256) {
        uint256 count = cover.policyCount();
        for (uint256 i = 0; i < count; ++i) {
            uint256 id = 1 + (((policyId % count) + i) % count);
            try cover.policyOf(id) {
                return id;
            } catch {}
        }
        return 0;
    }

    function _approve(address owner) private {
        vm.prank(owner);
        coin.approve(address(pool), type(uint256).max);
    }
}
