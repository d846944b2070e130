// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IOracleReader} from "../oracle/interfaces/IOracleReader.sol";
import {IParametricCover} from "./interfaces/IParametricCover.sol";
import {Trigger} from "./Trigger.sol";

/**
 * @title Products
 * @notice See `IParametricCover`, which documents every function: what is offered, when, and at what price.
 */
abstract contract Products is IParametricCover, AccessManaged {
    using Math for uint256;
    using Trigger for uint256;

    struct Product {
        ProductTerms terms;
        /// @dev See Trigger; 0 when there is no such product.
        uint256 trigger;
        bool paused;
    }

    /// @notice Sums insured are multiples of it. Not by chance as large as a whole in basis points: a step pays `payoutBps` units.
    uint256 public constant COVER_STEP = 10_000;

    uint256 private constant PPM = 1_000_000;
    /// @dev A day at least, so that a risk counts as begun by the time its window starts.
    uint256 private constant MIN_WAITING = 1 days;
    uint256 private constant MIN_GRACE = 1 hours;
    uint256 private constant MAX_RISK_DURATION = 732 days;
    uint256 private constant MAX_INSURED = type(uint56).max * COVER_STEP;

    IOracleReader public immutable override oracle;

    uint16 public override productCount;
    mapping(uint256 productId => Product) internal _products;

    constructor(IOracleReader oracle_) {
        oracle = oracle_;
    }

    /// @inheritdoc IParametricCover
    function createProduct(
        ProductTerms calldata terms,
        Tier[] calldata tiers
    ) external restricted returns (uint256 productId) {
        if (!oracle.takesObservations(terms.feed)) revert NotAnObservationFeed(terms.feed);
        _checkTerms(terms);

        productId = ++productCount;
        Product storage product = _products[productId];
        product.terms = terms;
        product.trigger = Trigger.pack(tiers, terms.operator);
        emit ProductCreated(productId, terms.feed, terms, tiers);
    }

    /// @inheritdoc IParametricCover
    function pauseProduct(uint256 productId) external restricted {
        _onSale(productId).paused = true;
        emit ProductPaused(productId, msg.sender);
    }

    /// @inheritdoc IParametricCover
    function unpauseProduct(uint256 productId) external restricted {
        Product storage product = _product(productId);
        if (!product.paused) revert ProductIsNotPaused(productId);
        product.paused = false;
        emit ProductUnpaused(productId, msg.sender);
    }

    /// @inheritdoc IParametricCover
    function quote(
        uint256 productId,
        uint256 windowStart,
        uint256 windowEnd,
        uint256 insured
    ) public view returns (uint256 premium, uint256 expectedLoss, uint256 load, uint256 capitalCharge) {
        Product storage product = _onSale(productId);
        ProductTerms memory terms = product.terms;
        _checkSteps(insured);
        if (insured > terms.maxInsuredPerRisk) revert RiskLimitExceeded(insured, terms.maxInsuredPerRisk);
        _checkWindow(terms, windowStart, windowEnd);

        uint256 largestPayout = (insured / COVER_STEP) * product.trigger.maxPayoutBps();
        uint256 lockedSeconds = windowEnd + terms.graceSeconds - block.timestamp;
        expectedLoss = insured.mulDiv(terms.expectedLossPpm, PPM, Math.Rounding.Ceil);
        load = expectedLoss.mulDiv(terms.loadPpm, PPM, Math.Rounding.Ceil);
        capitalCharge = largestPayout.mulDiv(
            terms.capitalChargePpmPerYear * lockedSeconds,
            PPM * 365 days,
            Math.Rounding.Ceil
        );
        premium = expectedLoss + load + capitalCharge;
    }

    /// @inheritdoc IParametricCover
    function productOf(
        uint256 productId
    ) external view returns (ProductTerms memory terms, Tier[] memory tiers, bool paused) {
        Product storage product = _product(productId);
        return (product.terms, product.trigger.tiersOf(), product.paused);
    }

    /// @inheritdoc IParametricCover
    function payoutBpsFor(uint256 productId, int256 observation) external view returns (uint256) {
        Product storage product = _product(productId);
        return product.trigger.payoutBpsFor(observation);
    }

    function _product(uint256 productId) private view returns (Product storage product) {
        product = _products[productId];
        if (product.trigger == 0) revert ProductNotFound(productId);
    }

    function _onSale(uint256 productId) internal view returns (Product storage product) {
        product = _product(productId);
        if (product.paused) revert ProductIsPaused(productId);
    }

    function _largestPayout(uint256 productId, uint256 steps) internal view returns (uint256) {
        return steps * _products[productId].trigger.maxPayoutBps();
    }

    /// @dev From whose 0:00 UTC on a risk counts as begun in the pool's prices: the day after its sale closes. So nothing that
    /// is sold or cancelled counts as begun on that day.
    function _firstDay(uint256 productId, uint256 windowStart) internal view returns (uint256) {
        return (windowStart - _products[productId].terms.waitingPeriodSeconds) / 1 days + 1;
    }

    function _checkSteps(uint256 insured) internal pure {
        if (insured == 0 || insured % COVER_STEP != 0) revert InsuredInvalid(insured, COVER_STEP);
    }

    /// @dev The sale, and with it the cancellation, closes waitingPeriodSeconds before the window.
    function _checkLead(uint256 waitingPeriodSeconds, uint256 windowStart) internal view {
        uint256 earliest = block.timestamp + waitingPeriodSeconds;
        if (windowStart < earliest) revert WindowStartsTooSoon(windowStart, earliest);
    }

    function _checkWindow(ProductTerms memory terms, uint256 windowStart, uint256 windowEnd) internal view {
        _checkLead(terms.waitingPeriodSeconds, windowStart);
        uint256 latest = block.timestamp + terms.maxLeadSeconds;
        if (windowStart > latest) revert WindowStartsTooLate(windowStart, latest);
        uint256 length = windowEnd.saturatingSub(windowStart);
        if (length < terms.minWindowSeconds || length > terms.maxWindowSeconds) {
            revert WindowLengthInvalid(length, terms.minWindowSeconds, terms.maxWindowSeconds);
        }
    }

    function _checkTerms(ProductTerms calldata terms) private pure {
        if (terms.minWindowSeconds == 0 || terms.minWindowSeconds > terms.maxWindowSeconds) {
            revert WindowBoundsInvalid(terms.minWindowSeconds, terms.maxWindowSeconds);
        }
        if (terms.waitingPeriodSeconds < MIN_WAITING) {
            revert WaitingPeriodInvalid(terms.waitingPeriodSeconds, MIN_WAITING);
        }
        if (terms.waitingPeriodSeconds > terms.maxLeadSeconds) {
            revert LeadInvalid(terms.waitingPeriodSeconds, terms.maxLeadSeconds);
        }
        if (terms.graceSeconds < MIN_GRACE) revert GraceInvalid(terms.graceSeconds, MIN_GRACE);
        uint256 duration = uint256(terms.maxLeadSeconds) + terms.maxWindowSeconds + terms.graceSeconds;
        if (duration > MAX_RISK_DURATION) revert RiskTooLong(duration, MAX_RISK_DURATION);
        if (terms.expectedLossPpm == 0 || terms.expectedLossPpm > PPM) {
            revert ExpectedLossInvalid(terms.expectedLossPpm, PPM);
        }
        if (
            terms.maxInsuredPerRisk < COVER_STEP ||
            terms.maxInsuredPerRisk > terms.maxInsuredPerCluster ||
            terms.maxInsuredPerRisk > MAX_INSURED
        ) revert LimitsInvalid(terms.maxInsuredPerRisk, terms.maxInsuredPerCluster, MAX_INSURED);
    }
}
