// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ICredits} from "../../lib/ICredits.sol";

/**
 * @title ICoverPool
 * @notice Underwriting capital of one asset as an ERC-4626 vault. It holds all money of the insurance: the capital of those
 * who underwrite, premiums that nobody has earned yet, payouts that are owed and credits. Amounts are in the asset's
 * smallest unit, times in Unix seconds.
 * @dev What the pool owns is counted, not read from its balance: a donation changes nothing until somebody calls `absorb`.
 *
 * A premium has two parts. The capital charge is the pool's from the sale on, because it is for the capital that is locked then;
 * it never comes back. The rest, expected loss and load, is unearned: it goes back when cover is cancelled or the oracle
 * stays silent, and is the pool's when the risk is observed.
 *
 * Two prices keep anybody from leaving ahead of a known loss and from entering ahead of a known gain. A risk counts as begun
 * from 0:00 UTC of the day after its sale closes, until it is settled:
 * - entry (`deposit`, `mint`): (totalAssets + unearned premiums of begun risks + 1) / (totalSupply + 10^6) for a share;
 * - exit (`withdraw`, `redeem`): (totalAssets - locked capital of begun risks + 1) / (totalSupply + 10^6) for a share.
 * Both are rounded against the caller. `convertToShares` and `convertToAssets` are by totalAssets alone. The last shares get
 * all of totalAssets, so that rounding leaves nothing behind. While capital is locked, 100 shares stay for each locked unit, or the
 * locked part of all shares if that is less: what becomes free again is theirs, whoever enters meanwhile. (In a pool whose shares
 * are dear the virtual shares get more of it with each further exit.)
 *
 * `maxRedeem` and `maxWithdraw` say what can be taken out now: only shares whose request is between its cooldown and its lapse,
 * and at most the capital that is not locked. A pause stops `deposit`, `mint` and new cover, never an exit.
 *
 * Prices step at 0:00 UTC, when a risk is settled and when cover is sold. `deposit`, `mint`, `redeem` and `withdraw` with one
 * argument more (ERC-5143) take the caller's bound on what it gets or gives.
 *
 * Warning: a standard integration that redeems at once does not work; it must request first.
 *
 * Warning: whoever leaves while risks have begun leaves the capital locked for them to those who stay.
 */
interface ICoverPool is IERC4626, ICredits {
    event CoverSet(address indexed cover);
    /// @notice The owner may redeem `shares`, all that it has requested, from `claimableAt` until just before `lapsesAt`.
    event RedeemRequested(address indexed owner, uint256 shares, uint256 claimableAt, uint256 lapsesAt);
    event RedeemRequestCancelled(address indexed owner, address indexed caller, uint256 shares);
    /// @notice Cover was sold: `amount` of capital is locked for it. Of what `payer` paid, `unearnedPremium` is nobody's yet and
    /// `capitalCharge` is the pool's.
    event CapitalLocked(
        uint256 indexed riskNumber,
        address indexed payer,
        uint256 amount,
        uint256 unearnedPremium,
        uint256 capitalCharge
    );
    /// @notice Cover was cancelled: `amount` of capital is free again, `refund` of the unearned premium is `payee`'s.
    event CapitalReleased(uint256 indexed riskNumber, address indexed payee, uint256 amount, uint256 refund);
    /// @notice A risk is over: `amount` of capital is no longer locked, `earned` of its unearned premiums is the pool's, `owed`
    /// waits for its policies.
    event RiskClosed(uint256 indexed riskNumber, uint256 amount, uint256 earned, uint256 owed);
    event DonationAbsorbed(address indexed caller, uint256 amount);
    event Paused(address account);
    event Unpaused(address account);

    error PoolIsPaused();
    error PoolIsNotPaused();
    /// @notice The pool has no cover contract yet, and takes no money before.
    error CoverIsMissing();
    /// @notice The pool is bound to `cover` for ever.
    error CoverIsSet(address cover);
    /// @notice There is no contract, or not one whose pool this is.
    error CoverInvalid(address cover);
    error NotTheCover(address caller, address cover);
    /// @notice There is no contract at the asset's address.
    error AssetInvalid(address asset);
    /// @notice A cooldown or claim window is outside its bounds, in seconds.
    error DurationInvalid(uint256 durationSeconds, uint256 minimum, uint256 maximum);
    /// @notice `assets` would buy no share, or no share was named.
    error SharesAreZero(uint256 assets);
    /// @notice Shares under a request stay where they are: `available` can move, `required` were to.
    error SharesAreRequested(address owner, uint256 available, uint256 required);
    /// @notice `available` of the owner's shares are under no request yet, and it asks for `required` more.
    error SharesInsufficient(address owner, uint256 available, uint256 required);
    error NoRedeemRequest(address owner);
    /// @notice Only the owner can cancel its request before `lapsesAt`; it is `timestamp`.
    error RedeemRequestIsOpen(address owner, uint256 lapsesAt, uint256 timestamp);
    /// @notice `available` of the capital is neither locked nor requested back, and `required` would have to be.
    error CapacityExceeded(uint256 available, uint256 required);
    /// @notice The caller gets `result`, shares of a deposit or assets of a redemption, and wants `minimum`.
    error ResultBelowMinimum(uint256 result, uint256 minimum);
    /// @notice The caller gives `cost`, assets of a minting or shares of a withdrawal, and wants to give at most `maximum`.
    error CostAboveMaximum(uint256 cost, uint256 maximum);
    /// @notice Capital and unearned premiums together would be `amount`.
    error AssetsExceedMaximum(uint256 amount, uint256 maximum);
    /// @notice There is no donation, or nobody to have it.
    error NothingToAbsorb();

    // For those who underwrite

    /// @notice As ERC-4626's `deposit`, and reverts with ResultBelowMinimum when it buys less than `minShares`.
    function deposit(uint256 assets, address receiver, uint256 minShares) external returns (uint256 shares);

    /// @notice As ERC-4626's `mint`, and reverts with CostAboveMaximum when it costs more than `maxAssets`.
    function mint(uint256 shares, address receiver, uint256 maxAssets) external returns (uint256 assets);

    /**
     * @notice As ERC-4626's `redeem`, and reverts with ResultBelowMinimum when it pays less than `minAssets`.
     * @dev `redeem` without a bound wants 1, unless there are no shares: so that nobody burns shares for nothing by oversight.
     * With `minAssets` 0 shares that are worth nothing can be burned; `maxRedeem` does not count them.
     */
    function redeem(
        uint256 shares,
        address receiver,
        address owner,
        uint256 minAssets
    ) external returns (uint256 assets);

    /// @notice As ERC-4626's `withdraw`, and reverts with CostAboveMaximum when it burns more than `maxShares`.
    function withdraw(
        uint256 assets,
        address receiver,
        address owner,
        uint256 maxShares
    ) external returns (uint256 shares);

    /**
     * @notice Asks for `shares` more of the caller to be redeemable after the cooldown.
     * @dev They stay in the caller's balance, still earn and lose, and cannot be transferred. No new cover is sold against what
     * they are worth. A further request starts the time of all of them anew, also one of 0 more. Never paused. Emits
     * RedeemRequested. Reverts with SharesAreZero when nothing is requested then, with SharesInsufficient.
     * @return claimableAt When they can be redeemed.
     */
    function requestRedeem(uint256 shares) external returns (uint256 claimableAt);

    /**
     * @notice Ends the request of `owner`: by the owner at any time, by anybody once it has lapsed.
     * @dev Never paused. Emits RedeemRequestCancelled. Reverts with NoRedeemRequest, RedeemRequestIsOpen.
     */
    function cancelRequest(address owner) external returns (uint256 shares);

    /// @notice The open or lapsed request of `owner`; zeros when there is none.
    function redeemRequestOf(
        address owner
    ) external view returns (uint256 shares, uint256 claimableAt, uint256 lapsesAt);

    /// @notice Shares under a request, of all owners.
    function queuedShares() external view returns (uint256);

    /**
     * @notice Gives what was sent to the pool by plain transfers to those who underwrite. Anybody may call.
     * @dev It goes to the shares in proportion, like a capital charge, so that nobody chooses who gets it. Emits DonationAbsorbed.
     * Reverts with NothingToAbsorb, also while there are no shares, and AssetsExceedMaximum.
     */
    function absorb() external returns (uint256 amount);

    // What is where

    /// @notice Capital that is locked for the largest payouts of all open risks; at most totalAssets.
    function lockedCapital() external view returns (uint256);

    /// @notice Premiums of open risks without their capital charges: the pool's when the risk is observed, the buyers' when the
    /// oracle stays silent.
    function unearnedPremiums() external view returns (uint256);

    /// @notice What settled risks owe to policies that are not paid yet.
    function payoutReserve() external view returns (uint256);

    /// @notice The sum of all credits in the asset.
    function totalCredits() external view returns (uint256);

    /// @notice Capital that new cover can be sold against: neither locked nor requested back. Rounded down.
    function capacity() external view returns (uint256);

    /// @notice Locked capital and unearned premiums of risks that have begun, as both prices use them.
    function begunExposure() external view returns (uint256 locked, uint256 unearned);

    /// @notice The last day (Unix seconds / 86,400) whose risks were added up.
    function rolledDay() external view returns (uint256);

    /**
     * @notice Adds up the risks of at most `maxDays` further days. Anybody may call; nobody has to.
     * @dev Every entry and exit does it for all days, at about 3,200 gas a day. Views need none of it.
     */
    function roll(uint256 maxDays) external returns (uint256 rolled);

    function cooldownSeconds() external view returns (uint256);

    function claimWindowSeconds() external view returns (uint256);

    // For the cover contract

    /// @notice The only contract that can sell cover against the pool and make it pay.
    function cover() external view returns (address);

    /**
     * @notice Binds the pool to its cover contract, once and for ever. Restricted.
     * @dev Emits CoverSet. Reverts with CoverIsSet, CoverInvalid.
     */
    function setCover(address cover) external;

    /**
     * @notice Takes `unearnedPremium` and `capitalCharge` from `payer` by its allowance to the pool, which earns the charge, and
     * locks `largestPayout` for the risk. Cover only.
     * @dev Emits CapitalLocked. Reverts with NotTheCover, PoolIsPaused, CapacityExceeded, AssetsExceedMaximum, and with the
     * errors of TokenTransfer.
     * @param day From whose 0:00 UTC on (Unix seconds / 86,400) the risk counts as begun; after today, and the same in every
     * call for the risk.
     */
    function underwrite(
        uint256 riskNumber,
        address payer,
        uint256 day,
        uint256 unearnedPremium,
        uint256 capitalCharge,
        uint256 largestPayout
    ) external;

    /**
     * @notice Frees `largestPayout`, and gives `refund` of the unearned premium back to `payee`, by a credit when it cannot
     * receive. Cover only, never paused.
     * @dev Emits CapitalReleased. Reverts with NotTheCover.
     */
    function unwind(uint256 riskNumber, address payee, uint256 day, uint256 refund, uint256 largestPayout) external;

    /**
     * @notice Closes a risk: frees `largestPayout`, reserves `payout` from the capital and `refund` from the risk's `unearned`
     * premiums, and earns the rest of them. Cover only, never paused.
     * @dev Emits RiskClosed. Reverts with NotTheCover.
     */
    function settle(
        uint256 riskNumber,
        uint256 day,
        uint256 largestPayout,
        uint256 unearned,
        uint256 payout,
        uint256 refund
    ) external;

    /**
     * @notice Pays from the reserve. Cover only, never paused.
     * @dev In one batch when the asset has IBatchTransfer, one by one otherwise. Who cannot receive gets a credit whose id is
     * the risk's number. Reverts with NotTheCover, with UnexpectedBalanceChange when the asset lies, with InsufficientGas, and
     * with whatever stops all of the asset's transfers.
     * @param payments Packed payments (see IBatchTransfer), 1 to 256.
     */
    function pay(uint256 riskNumber, bytes32[] calldata payments) external;

    // Pause

    function paused() external view returns (bool);

    /// @notice Stops `deposit`, `mint` and new cover. Restricted. Reverts with PoolIsPaused.
    function pause() external;

    /// @notice Ends the stop. Restricted. Reverts with PoolIsNotPaused.
    function unpause() external;
}
