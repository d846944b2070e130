// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {IOracleReader} from "../oracle/interfaces/IOracleReader.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {BuyerOperators} from "./BuyerOperators.sol";
import {ICoverPool} from "./interfaces/ICoverPool.sol";
import {IParametricCover} from "./interfaces/IParametricCover.sol";
import {Products} from "./Products.sol";
import {Trigger} from "./Trigger.sol";

/**
 * @title ParametricCover
 * @notice See `IParametricCover`, which documents every function.
 * @dev Holds no money. Every call of the pool comes last, when the state is what it will be; the pool lets nobody in twice.
 */
contract ParametricCover is Products, BuyerOperators, Multicall {
    using Math for uint256;
    using Trigger for uint256;

    ICoverPool public immutable override pool;
    address private immutable _asset;

    uint32 public override riskCount;
    uint128 public override policyCount;

    mapping(uint256 riskNumber => Risk) private _risks;
    mapping(bytes32 riskKey => uint256 riskNumber) private _riskNumbers;
    mapping(bytes32 clusterKey => uint256 insured) private _clusters;
    mapping(uint256 policyId => Policy) private _policies;
    mapping(uint256 policyId => Purchase) private _purchases;

    /**
     * @param pool_ Whose `setCover` then binds it to this contract.
     * @param authority The AccessManager that holds every role.
     */
    constructor(ICoverPool pool_, IOracleReader oracle_, address authority) AccessManaged(authority) Products(oracle_) {
        pool = pool_;
        _asset = pool_.asset();
    }

    // Risks

    /// @inheritdoc IParametricCover
    function openRisk(
        uint256 productId,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external restricted returns (uint256 riskNumber) {
        _checkWindow(_onSale(productId).terms, windowStart, windowEnd);
        bytes32 key = _riskKey(productId, subject, windowStart, windowEnd);
        riskNumber = _riskNumbers[key];
        if (riskNumber != 0) revert RiskExists(riskNumber);

        riskNumber = ++riskCount;
        _riskNumbers[key] = riskNumber;
        Risk storage risk = _risks[riskNumber];
        // Cannot truncate: there is such a product, and the window is near.
        risk.productId = uint16(productId);
        risk.windowStart = uint40(windowStart);
        risk.windowEnd = uint40(windowEnd);
        risk.subject = subject;
        emit RiskOpened(riskNumber, productId, subject, windowStart, windowEnd);
    }

    // Policies

    /// @inheritdoc IParametricCover
    function issue(CoverOrder calldata order) public returns (uint256 policyId) {
        return _issue(order, msg.sender);
    }

    /// @inheritdoc IParametricCover
    function issueFor(
        address buyer,
        uint256 sequence,
        uint256 deadline,
        CoverOrder calldata order
    ) external returns (uint256 policyId) {
        if (block.timestamp > deadline) revert OrderExpired(deadline, block.timestamp);
        _useSequence(buyer, sequence);
        emit OrderFilled(buyer, sequence, policyCount + 1, msg.sender);
        return _issue(order, buyer);
    }

    /// @inheritdoc IParametricCover
    function issueWithPermit(
        CoverOrder calldata order,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 policyId) {
        // Whether the permit came through here or somebody submitted it first: the allowance decides.
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(_asset).permit(msg.sender, address(pool), order.maxPremium, deadline, v, r, s) {} catch {}
        return issue(order);
    }

    /// @inheritdoc IParametricCover
    function transferPolicy(uint256 policyId, address to) external {
        Policy storage policy = _ownPolicy(policyId);
        if (!policy.transferable) revert PolicyIsNotTransferable(policyId);
        _checkHolder(to);

        policy.holder = to;
        emit PolicyTransferred(policyId, msg.sender, to);
    }

    /// @inheritdoc IParametricCover
    function cancel(uint256 policyId, uint256 insured) external returns (uint256 refund) {
        Policy storage policy = _ownPolicy(policyId);
        _checkSteps(insured);
        uint256 steps = insured / COVER_STEP;
        uint256 stepsBefore = policy.insuredSteps;
        if (steps > stepsBefore) {
            revert CancellationExceedsInsured(policyId, stepsBefore * COVER_STEP, insured);
        }
        uint256 riskNumber = policy.riskNumber;
        Risk storage risk = _risks[riskNumber];
        _checkLead(_products[risk.productId].terms.waitingPeriodSeconds, risk.windowStart);

        Purchase storage purchase = _purchases[policyId];
        address buyer = purchase.buyer;
        refund = uint256(purchase.unearnedPremium).mulDiv(steps, stepsBefore);
        if (steps == stepsBefore) {
            delete _policies[policyId];
            delete _purchases[policyId];
        } else {
            policy.insuredSteps = uint56(stepsBefore - steps);
            purchase.unearnedPremium -= uint96(refund);
        }
        risk.insuredSteps -= uint56(steps);
        risk.unearnedPremiums -= uint80(refund);
        _clusters[_clusterKey(risk.productId, risk.subject, risk.windowStart)] -= insured;
        emit PolicyCancelled(policyId, buyer, insured, refund);

        uint256 day = _firstDay(risk.productId, risk.windowStart);
        pool.unwind(riskNumber, buyer, day, refund, _largestPayout(risk.productId, steps));
    }

    // Settlement

    /// @inheritdoc IParametricCover
    function settleRisk(uint256 riskNumber) external returns (RiskState state, uint256 owed) {
        Risk memory risk = riskOf(riskNumber);
        if (risk.state != RiskState.Open) revert RiskIsSettled(riskNumber, risk.state);
        if (block.timestamp < risk.windowEnd) revert WindowIsOpen(riskNumber, risk.windowEnd, block.timestamp);

        int256 observation;
        (state, observation) = _observe(riskNumber, risk);
        uint256 trigger = _products[risk.productId].trigger;
        uint256 payoutBps = 0;
        uint256 refund = 0;
        if (state == RiskState.Observed) {
            payoutBps = trigger.payoutBpsFor(observation);
            owed = risk.insuredSteps * payoutBps;
        } else {
            owed = refund = risk.unearnedPremiums;
        }
        Risk storage settled = _risks[riskNumber];
        (settled.state, settled.payoutBps) = (state, uint16(payoutBps));
        emit RiskSettled(riskNumber, state, observation, payoutBps, owed);

        uint256 largestPayout = risk.insuredSteps * trigger.maxPayoutBps();
        uint256 day = _firstDay(risk.productId, risk.windowStart);
        pool.settle(riskNumber, day, largestPayout, risk.unearnedPremiums, owed - refund, refund);
    }

    /// @inheritdoc IParametricCover
    function payPolicies(
        uint256 riskNumber,
        uint256[] calldata policyIds
    ) external returns (uint256 count, uint256 amount) {
        Risk memory risk = riskOf(riskNumber);
        if (risk.state == RiskState.Open) revert RiskIsOpen(riskNumber);
        bool silent = risk.state == RiskState.Silent;
        if (!silent && risk.payoutBps == 0) revert NothingIsOwed(riskNumber);
        if (policyIds.length == 0 || policyIds.length > PackedPayments.MAX_BATCH) {
            revert BatchSizeInvalid(policyIds.length, PackedPayments.MAX_BATCH);
        }

        bytes32[] memory payments = new bytes32[](policyIds.length);
        for (uint256 i = 0; i < policyIds.length; ++i) {
            Policy memory policy = _policies[policyIds[i]];
            if (policy.riskNumber != riskNumber) continue;
            risk.insuredSteps -= policy.insuredSteps;
            payments[count] =
                silent
                    ? _refund(policyIds[i])
                    : _payOut(policyIds[i], policy.holder, uint256(policy.insuredSteps) * risk.payoutBps);
            amount += PackedPayments.amountOf(payments[count]);
            ++count;
        }
        if (count == 0) return (0, 0);
        assembly ("memory-safe") {
            mstore(payments, count)
        }

        _risks[riskNumber].insuredSteps = risk.insuredSteps;
        if (silent) _risks[riskNumber].unearnedPremiums = uint80(risk.unearnedPremiums - amount);
        pool.pay(riskNumber, payments);
    }

    // Views

    /// @inheritdoc IParametricCover
    function riskOf(uint256 riskNumber) public view returns (Risk memory risk) {
        risk = _risks[riskNumber];
        if (risk.productId == 0) revert RiskNotFound(riskNumber);
    }

    /// @inheritdoc IParametricCover
    function riskNumberOf(
        uint256 productId,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) public view returns (uint256) {
        return _riskNumbers[_riskKey(productId, subject, windowStart, windowEnd)];
    }

    /// @inheritdoc IParametricCover
    function clusterInsured(uint256 productId, bytes32 subject, uint256 windowStart) external view returns (uint256) {
        return _clusters[_clusterKey(productId, subject, windowStart)];
    }

    /// @inheritdoc IParametricCover
    function policyOf(uint256 policyId) external view returns (Policy memory policy, Purchase memory purchase) {
        policy = _policies[policyId];
        if (policy.riskNumber == 0) revert PolicyNotFound(policyId);
        purchase = _purchases[policyId];
    }

    // Parts

    function _issue(CoverOrder calldata order, address buyer) private returns (uint256 policyId) {
        _checkHolder(order.holder);
        (uint256 premium, , , uint256 capitalCharge) = quote(
            order.productId,
            order.windowStart,
            order.windowEnd,
            order.insured
        );
        if (premium > order.maxPremium) revert PremiumAboveMaximum(premium, order.maxPremium);
        _spendFor(buyer, premium);
        uint256 riskNumber = riskNumberOf(order.productId, order.subject, order.windowStart, order.windowEnd);
        if (riskNumber == 0) {
            revert RiskNotOpened(order.productId, order.subject, order.windowStart, order.windowEnd);
        }

        _insure(order, riskNumber, premium - capitalCharge);
        policyId = ++policyCount;
        _policies[policyId] = Policy(
            order.holder,
            uint56(order.insured / COVER_STEP),
            uint32(riskNumber),
            order.transferable
        );
        // Cannot truncate, here nor in the risk's uint80: the sum insured is below 2^70, its expected loss and load below 18 times
        // that.
        _purchases[policyId] = Purchase(buyer, uint96(premium - capitalCharge));
        emit PolicyIssued(
            policyId,
            riskNumber,
            order.holder,
            buyer,
            order.insured,
            premium,
            capitalCharge,
            order.transferable
        );

        pool.underwrite(
            riskNumber,
            buyer,
            _firstDay(order.productId, order.windowStart),
            premium - capitalCharge,
            capitalCharge,
            _largestPayout(order.productId, order.insured / COVER_STEP)
        );
    }

    function _insure(CoverOrder calldata order, uint256 riskNumber, uint256 unearnedPremium) private {
        ProductTerms storage terms = _products[order.productId].terms;
        Risk storage risk = _risks[riskNumber];
        uint256 ofRisk = risk.insuredSteps * COVER_STEP + order.insured;
        if (ofRisk > terms.maxInsuredPerRisk) revert RiskLimitExceeded(ofRisk, terms.maxInsuredPerRisk);
        bytes32 cluster = _clusterKey(order.productId, order.subject, order.windowStart);
        uint256 ofCluster = _clusters[cluster] + order.insured;
        if (ofCluster > terms.maxInsuredPerCluster) {
            revert ClusterLimitExceeded(ofCluster, terms.maxInsuredPerCluster);
        }

        risk.insuredSteps = uint56(ofRisk / COVER_STEP);
        risk.unearnedPremiums += uint80(unearnedPremium);
        _clusters[cluster] = ofCluster;
    }

    function _observe(uint256 riskNumber, Risk memory risk) private view returns (RiskState state, int256 observation) {
        ProductTerms storage terms = _products[risk.productId].terms;
        bool found;
        (found, observation, ) = oracle.tryReadObservation(terms.feed, risk.subject, risk.windowStart, risk.windowEnd);
        if (found) return (RiskState.Observed, observation);

        uint256 deadline = uint256(risk.windowEnd) + terms.graceSeconds;
        if (block.timestamp <= deadline) revert ObservationIsAwaited(riskNumber, deadline, block.timestamp);
        return (RiskState.Silent, 0);
    }

    function _payOut(uint256 policyId, address holder, uint256 amount) private returns (bytes32) {
        delete _policies[policyId];
        emit PolicyPaid(policyId, holder, amount);
        return _payment(holder, amount);
    }

    function _refund(uint256 policyId) private returns (bytes32) {
        Purchase memory purchase = _purchases[policyId];
        delete _policies[policyId];
        emit PremiumRefunded(policyId, purchase.buyer, purchase.unearnedPremium);
        return _payment(purchase.buyer, purchase.unearnedPremium);
    }

    function _payment(address to, uint256 amount) private pure returns (bytes32) {
        return bytes32((uint256(uint160(to)) << 96) | amount);
    }

    function _ownPolicy(uint256 policyId) private view returns (Policy storage policy) {
        policy = _policies[policyId];
        if (policy.riskNumber == 0) revert PolicyNotFound(policyId);
        if (policy.holder != msg.sender) revert NotTheHolder(policyId, policy.holder, msg.sender);
    }

    function _riskKey(
        uint256 productId,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(productId, subject, windowStart, windowEnd));
    }

    function _clusterKey(uint256 productId, bytes32 subject, uint256 windowStart) private view returns (bytes32) {
        bytes32 cluster = subject & _products[productId].terms.clusterMask;
        return keccak256(abi.encode(productId, cluster, windowStart / 1 days));
    }

    // Checks

    function _checkHolder(address holder) private view {
        if (holder == address(0) || holder == _asset || holder == address(pool) || holder == address(this))
            revert HolderInvalid(holder);
    }
}
