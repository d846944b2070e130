// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleReader} from "../../oracle/interfaces/IOracleReader.sol";
import {ICoverPool} from "./ICoverPool.sol";

/**
 * @title IParametricCover
 * @notice Cover that pays by what the oracle observes, without anybody's decision. Amounts are in the smallest unit of the
 * pool's asset, times in Unix seconds, rates in millionths (ppm), payouts in basis points (bps) of the sum insured.
 * @dev All money is the pool's; approvals for premiums are given to the pool. A risk is a product, a subject (which flight,
 * which field) and a window of time; all policies on it are settled by one call at one price, however many they are. Only risks
 * that were opened are sold, so that nobody locks capital for what no reporter looks at.
 *
 * A premium is expected loss, load and capital charge. The charge is the pool's from the sale on and never comes back: the
 * capital was there. The rest is the unearned premium; it comes back by a cancellation, in proportion, or by the oracle's silence.
 *
 * What is sold is never changed: no role can touch a product, a risk, a payout, or stop a payment. Pausing a product stops
 * new risks and policies of it and nothing else.
 *
 * A sum insured is a multiple of COVER_STEP (10,000 units), so that every payout is exact and no dust is left.
 */
interface IParametricCover {
    enum TriggerOperator {
        AtLeast,
        AtMost
    }

    enum RiskState {
        Open,
        Observed,
        Silent
    }

    /// @notice An observation that reaches `threshold` (in units of the feed) pays `payoutBps` of the sum insured.
    struct Tier {
        int48 threshold;
        uint16 payoutBps;
    }

    struct ProductTerms {
        /// @dev An observation feed of the oracle.
        bytes32 feed;
        /// @dev Which bits of a subject name its cluster, such as the airport of a flight.
        bytes32 clusterMask;
        TriggerOperator operator;
        /// @dev From the purchase to the start of the window at least, so that nobody insures what is known already. A day or more.
        /// Sale and cancellation close that long before the window; from the next 0:00 UTC on the risk counts as begun.
        uint32 waitingPeriodSeconds;
        uint32 minWindowSeconds;
        uint32 maxWindowSeconds;
        /// @dev From the purchase to the start of the window at most.
        uint32 maxLeadSeconds;
        /// @dev How long after its window the oracle may stay silent before unearned premiums go back.
        uint32 graceSeconds;
        /// @dev Of the sum insured.
        uint24 expectedLossPpm;
        /// @dev Of the expected loss.
        uint24 loadPpm;
        /// @dev Of the largest payout, for each year of 365 days in which capital is locked for it. With 0, buying and cancelling
        /// locks capital for nothing.
        uint24 capitalChargePpmPerYear;
        uint96 maxInsuredPerRisk;
        /// @dev For all risks of a cluster whose windows start on the same day (UTC).
        uint96 maxInsuredPerCluster;
    }

    /// @notice What a buyer orders. By product, subject and window and not by the risk's number: after a reorganisation of the
    /// chain a number may be another risk's.
    struct CoverOrder {
        uint256 productId;
        bytes32 subject;
        uint256 windowStart;
        uint256 windowEnd;
        uint256 insured;
        /// @dev The most that the buyer pays; the premium changes with the time that is left.
        uint256 maxPremium;
        /// @dev Whose policy it is; the buyer's, or that of a customer of the buyer.
        address holder;
        bool transferable;
    }

    struct Risk {
        uint16 productId;
        uint40 windowStart;
        uint40 windowEnd;
        RiskState state;
        /// @dev What the observation pays; 0 while open and when silent.
        uint16 payoutBps;
        /// @dev What is insured by policies that are not paid yet, in steps of COVER_STEP units.
        uint56 insuredSteps;
        /// @dev What was paid for the risk, without capital charges, and was not refunded yet; kept for the record once it was
        /// observed and thereby earned.
        uint80 unearnedPremiums;
        bytes32 subject;
    }

    struct Policy {
        address holder;
        /// @dev In steps of COVER_STEP units.
        uint56 insuredSteps;
        /// @dev 0 when the policy never was, was cancelled or was paid.
        uint32 riskNumber;
        bool transferable;
    }

    /// @notice Who paid for a policy, and what of it can come back; stays when the policy is paid.
    struct Purchase {
        address buyer;
        uint96 unearnedPremium;
    }

    event ProductCreated(uint256 indexed productId, bytes32 indexed feed, ProductTerms terms, Tier[] tiers);
    event ProductPaused(uint256 indexed productId, address account);
    event ProductUnpaused(uint256 indexed productId, address account);
    event RiskOpened(
        uint256 indexed riskNumber,
        uint256 indexed productId,
        bytes32 indexed subject,
        uint256 windowStart,
        uint256 windowEnd
    );
    /// @notice `buyer` paid `premium`, of which `capitalCharge` never comes back.
    event PolicyIssued(
        uint256 indexed policyId,
        uint256 indexed riskNumber,
        address indexed holder,
        address buyer,
        uint256 insured,
        uint256 premium,
        uint256 capitalCharge,
        bool transferable
    );
    /// @notice `operator` bought `policyId` for `buyer`, by the buyer's order `sequence`; PolicyIssued has the rest.
    event OrderFilled(address indexed buyer, uint256 indexed sequence, uint256 indexed policyId, address operator);
    /// @notice `operator` may spend up to `limit` of the buyer's money on premiums at once; 0 means nothing any more.
    event OperatorAuthorized(address indexed buyer, address indexed operator, uint256 limit, uint256 windowSeconds);
    event PolicyTransferred(uint256 indexed policyId, address indexed from, address indexed to);
    /// @notice `insured` of the policy's sum is no longer covered; `refund` of the unearned premium went back to `buyer`.
    event PolicyCancelled(uint256 indexed policyId, address indexed buyer, uint256 insured, uint256 refund);
    /// @notice The risk is settled for ever. `owed` is what its policies get in all.
    event RiskSettled(uint256 indexed riskNumber, RiskState state, int256 observation, uint256 payoutBps, uint256 owed);
    event PolicyPaid(uint256 indexed policyId, address indexed holder, uint256 amount);
    /// @notice The oracle stayed silent: the unearned premium went back to who paid it.
    event PremiumRefunded(uint256 indexed policyId, address indexed buyer, uint256 amount);

    error ProductNotFound(uint256 productId);
    error ProductIsPaused(uint256 productId);
    error ProductIsNotPaused(uint256 productId);
    /// @notice The oracle has a feed of this name, and it is of prices: no subject and window would ever be observed.
    error NotAnObservationFeed(bytes32 feed);
    error TierCountInvalid(uint256 count, uint256 maximum);
    /// @notice From tier to tier the payout rises, and the threshold rises (at least) or falls (at most).
    error TierInvalid(uint256 index, int256 threshold, uint256 payoutBps);
    error WindowBoundsInvalid(uint256 minWindowSeconds, uint256 maxWindowSeconds);
    error WaitingPeriodInvalid(uint256 waitingPeriodSeconds, uint256 minimum);
    error LeadInvalid(uint256 waitingPeriodSeconds, uint256 maxLeadSeconds);
    error GraceInvalid(uint256 graceSeconds, uint256 minimum);
    /// @notice From a purchase to the end of the grace period it could take `durationSeconds`, for which capital is locked.
    error RiskTooLong(uint256 durationSeconds, uint256 maximum);
    error ExpectedLossInvalid(uint256 expectedLossPpm, uint256 maximum);
    error LimitsInvalid(uint256 maxInsuredPerRisk, uint256 maxInsuredPerCluster, uint256 maximum);
    /// @notice The sum insured is 0 or no multiple of `step`.
    error InsuredInvalid(uint256 insured, uint256 step);
    error WindowStartsTooSoon(uint256 windowStart, uint256 earliest);
    error WindowStartsTooLate(uint256 windowStart, uint256 latest);
    error WindowLengthInvalid(uint256 lengthSeconds, uint256 minimum, uint256 maximum);
    error PremiumAboveMaximum(uint256 premium, uint256 maxPremium);
    error OrderExpired(uint256 deadline, uint256 timestamp);
    error SequenceAlreadyUsed(address buyer, uint256 sequence);
    error RiskLimitExceeded(uint256 insured, uint256 maximum);
    error ClusterLimitExceeded(uint256 insured, uint256 maximum);
    /// @notice The zero address, the asset, the pool and this contract cannot be paid.
    error HolderInvalid(address holder);
    error PolicyNotFound(uint256 policyId);
    error NotTheHolder(uint256 policyId, address holder, address caller);
    error PolicyIsNotTransferable(uint256 policyId);
    /// @notice The policy covers `insured`, and `requested` were to be cancelled.
    error CancellationExceedsInsured(uint256 policyId, uint256 insured, uint256 requested);
    error RiskNotFound(uint256 riskNumber);
    error RiskExists(uint256 riskNumber);
    error RiskNotOpened(uint256 productId, bytes32 subject, uint256 windowStart, uint256 windowEnd);
    error RiskIsOpen(uint256 riskNumber);
    error RiskIsSettled(uint256 riskNumber, RiskState state);
    error WindowIsOpen(uint256 riskNumber, uint256 windowEnd, uint256 timestamp);
    /// @notice There is no observation, and the oracle has time until `deadline`.
    error ObservationIsAwaited(uint256 riskNumber, uint256 deadline, uint256 timestamp);
    /// @notice The observation reached no tier: nobody is owed anything.
    error NothingIsOwed(uint256 riskNumber);
    error BatchSizeInvalid(uint256 count, uint256 maximum);

    // Products

    /**
     * @notice Adds a product, numbered from 1 on. It never changes. Restricted.
     * @dev Emits ProductCreated. Reverts with the oracle's error when it does not know the feed, NotAnObservationFeed, TierCountInvalid,
     * TierInvalid, WindowBoundsInvalid, WaitingPeriodInvalid, LeadInvalid, GraceInvalid, RiskTooLong, ExpectedLossInvalid, LimitsInvalid.
     *
     * Warning: whoever may do this decides what the pool's capital is exposed to.
     * @param tiers 1 to 4, from the mildest to the severest.
     */
    function createProduct(ProductTerms calldata terms, Tier[] calldata tiers) external returns (uint256 productId);

    /// @notice Stops new risks and policies of the product. Restricted. Reverts with ProductNotFound, ProductIsPaused.
    function pauseProduct(uint256 productId) external;

    /// @notice Ends the stop. Restricted. Reverts with ProductNotFound, ProductIsNotPaused.
    function unpauseProduct(uint256 productId) external;

    // Risks

    /**
     * @notice Opens a risk for sale, numbered from 1 on. Restricted. Many at once by `multicall`.
     * @dev Whoever may do this knows what the reporters will observe. Emits RiskOpened. Reverts with ProductNotFound,
     * ProductIsPaused, WindowStartsTooSoon, WindowStartsTooLate, WindowLengthInvalid, RiskExists.
     *
     * Warning: on a risk that is never observed the unearned premiums go back, and its capital was locked for the charge alone.
     */
    function openRisk(
        uint256 productId,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external returns (uint256 riskNumber);

    // Policies

    /**
     * @notice What cover costs now, and that it can be had as far as its window and the product go.
     * @dev With sums in units and `seconds` from now to windowEnd + graceSeconds, each part rounded up:
     * expectedLoss = insured * expectedLossPpm / 10^6,
     * load = expectedLoss * loadPpm / 10^6,
     * capitalCharge = insured * (highest payoutBps) / 10^4 * capitalChargePpmPerYear * seconds / (10^6 * 365 days),
     * premium = the sum of the three. Reverts with ProductNotFound, ProductIsPaused, InsuredInvalid, RiskLimitExceeded,
     * WindowStartsTooSoon, WindowStartsTooLate, WindowLengthInvalid.
     */
    function quote(
        uint256 productId,
        uint256 windowStart,
        uint256 windowEnd,
        uint256 insured
    ) external view returns (uint256 premium, uint256 expectedLoss, uint256 load, uint256 capitalCharge);

    /**
     * @notice Sells a policy to the caller, who pays the premium by its allowance to the pool.
     * @dev Policies are numbered from 1 on. Emits PolicyIssued. Reverts as `quote` does, with HolderInvalid, PremiumAboveMaximum,
     * RiskNotOpened, RiskLimitExceeded (with what is sold already), ClusterLimitExceeded, and as the pool's `underwrite` does.
     */
    function issue(CoverOrder calldata order) external returns (uint256 policyId);

    /**
     * @notice As `issue`, with an EIP-2612 permit of the caller for exactly `maxPremium` to the pool.
     * @dev A permit that somebody submitted first, or that the asset does not know, does not break the purchase: what counts
     * is the allowance.
     */
    function issueWithPermit(
        CoverOrder calldata order,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 policyId);

    /**
     * @notice As `issue`, with the money of `buyer`, who lets the caller spend it (`authorizeOperator`) or is the caller. Each
     * sequence of a buyer fills one order for ever, so that an order that was sent twice is filled once.
     * @dev What comes back of the premium is the buyer's. Emits OrderFilled and PolicyIssued. Reverts as `issue` does, with
     * OrderExpired, SequenceAlreadyUsed, OperatorLimitExceeded.
     *
     * Warning: the operator names product, sum and holder; what it can spend of the buyer's money is all that binds it. It can also
     * fill a sequence that another operator has given to an order, which is then never filled and costs nothing: whoever waits for
     * OrderFilled compares what PolicyIssued says with what was ordered.
     * @param sequence Any number that the buyer has not used; those that follow each other cost less.
     * @param deadline Last second in which the order counts, Unix seconds.
     */
    function issueFor(
        address buyer,
        uint256 sequence,
        uint256 deadline,
        CoverOrder calldata order
    ) external returns (uint256 policyId);

    /**
     * @notice Lets `operator` buy cover with the caller's money: premiums up to `limit` at once, growing back evenly over
     * `windowSeconds`. The money itself is taken by the caller's allowance to the pool. Each operator has a limit of its own, so
     * all of them together spend the sum. Never paused.
     * @dev The limit starts full. In any time `t` a hostile operator spends at most `limit + limit * t / windowSeconds`. What a
     * cancellation gives back does not grow the limit. Emits OperatorAuthorized. Reverts with WindowInvalid when `limit` is not 0
     * and `windowSeconds` is.
     *
     * Warning: an operator that sees a lower limit coming can still spend the old one first.
     * @param limit 0 revokes the operator.
     */
    function authorizeOperator(address operator, uint96 limit, uint24 windowSeconds) external;

    /**
     * @notice Gives the caller's policy to `to`, with all that it is or will be owed, except for its unearned premium.
     * @dev Emits PolicyTransferred. Reverts with PolicyNotFound, NotTheHolder, PolicyIsNotTransferable, HolderInvalid.
     */
    function transferPolicy(uint256 policyId, address to) external;

    /**
     * @notice Ends the caller's policy, or a part of it, while it could still be bought: until waitingPeriodSeconds before the
     * window. Never paused.
     * @dev The unearned premium goes back to who paid it, in proportion and rounded down; what the rounding leaves stays with the
     * rest of the policy. The capital charge stays the pool's: the capital was locked. Only the holder can: a buyer cannot take away what it gave. Emits PolicyCancelled. Reverts with
     * PolicyNotFound, NotTheHolder, InsuredInvalid, CancellationExceedsInsured, WindowStartsTooSoon.
     * @param insured How much of the sum insured to cancel.
     */
    function cancel(uint256 policyId, uint256 insured) external returns (uint256 refund);

    // Settlement

    /**
     * @notice Settles a risk for ever, by the oracle's observation or, when there is none graceSeconds after the window, by its
     * silence. Anybody may call; never paused. Costs the same however many policies there are.
     * @dev The highest tier that is reached counts. An observation that comes after a risk was settled as silent changes
     * nothing; one that comes late, but first, counts. Emits RiskSettled. Reverts with RiskNotFound, RiskIsSettled,
     * WindowIsOpen, ObservationIsAwaited.
     */
    function settleRisk(uint256 riskNumber) external returns (RiskState state, uint256 owed);

    /**
     * @notice Pays policies of a settled risk: to the holder what the observation owes, or to the buyer the unearned premium
     * after silence. Anybody may call, for any policies in any order; never paused.
     * @dev Each policy is paid once. One that was paid, was cancelled or belongs to another risk is passed over, so that keepers
     * who race each other do not break each other's batches. A payee who cannot receive gets a credit in the pool. Emits PolicyPaid or
     * PremiumRefunded for each that is paid. Reverts with RiskNotFound, RiskIsOpen, NothingIsOwed, BatchSizeInvalid unless
     * there are 1 to 256, and as the pool's `pay` does.
     * @return count How many were paid.
     * @return amount What they got in all.
     */
    function payPolicies(
        uint256 riskNumber,
        uint256[] calldata policyIds
    ) external returns (uint256 count, uint256 amount);

    // Views

    function pool() external view returns (ICoverPool);

    function oracle() external view returns (IOracleReader);

    function productCount() external view returns (uint16);

    function riskCount() external view returns (uint32);

    function policyCount() external view returns (uint128);

    /// @notice Reverts with ProductNotFound.
    function productOf(
        uint256 productId
    ) external view returns (ProductTerms memory terms, Tier[] memory tiers, bool paused);

    /// @notice What an observation would pay, in basis points. Reverts with ProductNotFound.
    function payoutBpsFor(uint256 productId, int256 observation) external view returns (uint256);

    /// @notice Reverts with RiskNotFound.
    function riskOf(uint256 riskNumber) external view returns (Risk memory);

    /// @notice The number of a risk; 0 when it was never opened.
    function riskNumberOf(
        uint256 productId,
        bytes32 subject,
        uint256 windowStart,
        uint256 windowEnd
    ) external view returns (uint256);

    /// @notice What is or was insured in the cluster of `subject` by policies whose windows start on that day.
    function clusterInsured(uint256 productId, bytes32 subject, uint256 windowStart) external view returns (uint256);

    /// @notice True when an order of the buyer with this sequence was filled.
    function isSequenceUsed(address buyer, uint256 sequence) external view returns (bool);

    /**
     * @notice What an operator may spend of the buyer's money now, and how that grows back.
     * @return available Rounded down.
     * @return limit The most at once; 0 means that it is no operator.
     * @return windowSeconds In which an empty limit is full again.
     */
    function operatorAllowance(
        address buyer,
        address operator
    ) external view returns (uint256 available, uint256 limit, uint256 windowSeconds);

    /// @notice Reverts with PolicyNotFound, also when the policy was cancelled or paid.
    function policyOf(uint256 policyId) external view returns (Policy memory policy, Purchase memory purchase);
}
