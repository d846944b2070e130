// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC7802} from "@openzeppelin/contracts/interfaces/draft-IERC7802.sol";
import {IBatchTransfer} from "./IBatchTransfer.sol";
import {IERC3009} from "./IERC3009.sol";
import {IMintGuard} from "./IMintGuard.sol";

/**
 * @title IStablecoin
 * @notice Money of one currency, 6 decimals: ERC-20, EIP-2612, EIP-3009, native batches, freeze, pause, minters with a
 * limit in time, ERC-7802 for bridges.
 * @dev "Restricted" functions may be called by whoever the AccessManager says, after the delay that it says
 * (`AccessManagedUnauthorized` otherwise).
 *
 * The zero address and the token itself count as frozen from the beginning, for ever: they can never hold the token.
 *
 * A pause stops every transfer and mint. It never stops `burn`, `approve`, `permit` and `cancelAuthorization`.
 */
interface IStablecoin is IERC20Metadata, IERC20Permit, IERC20Errors, IERC3009, IERC7802, IBatchTransfer {
    event AccountFrozen(address indexed account);
    event AccountUnfrozen(address indexed account);
    event Paused(address account);
    event Unpaused(address account);
    event MinterConfigured(address indexed minter, uint96 capacity, uint24 windowSeconds);
    event MintGuardSet(address indexed previous, address indexed current);

    /// @notice The account can neither send nor receive.
    error AccountIsFrozen(address account);
    /// @notice `unfreeze` of an account that is not frozen.
    error AccountIsNotFrozen(address account);
    error TokenIsPaused();
    error TokenIsNotPaused();
    /// @notice The minter may mint `available` now, and wants `requested`. A stranger has 0 available.
    error MintLimitExceeded(address minter, uint256 available, uint256 requested);
    /// @notice The permit was valid until `deadline` (Unix seconds).
    error PermitExpired(uint256 deadline, uint256 timestamp);

    /**
     * @notice True when the account can neither send nor receive.
     */
    function isFrozen(address account) external view returns (bool);

    /**
     * @notice True while transfers and mints are stopped.
     */
    function paused() external view returns (bool);

    /**
     * @notice The contract that must agree to each mint; zero when none is set.
     */
    function mintGuard() external view returns (IMintGuard);

    /**
     * @notice What a minter may mint now and how its limit grows back.
     * @return available What it may mint now, in the smallest unit, rounded down.
     * @return capacity The most it may mint at once; 0 means that it is no minter.
     * @return windowSeconds The time in which an empty limit is full again, in seconds.
     */
    function minterAllowance(
        address minter
    ) external view returns (uint256 available, uint256 capacity, uint256 windowSeconds);

    /**
     * @notice Creates `amount` for `to`, within the caller's limit.
     * @dev Reverts with `MintLimitExceeded`, `TokenIsPaused`, `AccountIsFrozen` or `ERC20InvalidReceiver` for `to`,
     * and with whatever the mint guard reverts with.
     */
    function mint(address to, uint256 amount) external;

    /**
     * @notice Destroys `amount` of the caller's own balance. Works while the token is paused.
     * @dev Warning: whoever wants money of a bank for it pays the issuer and lets the issuer burn.
     *
     * Reverts with `AccountIsFrozen` and `ERC20InsufficientBalance`.
     */
    function burn(uint256 amount) external;

    /**
     * @notice Stops an account from sending and receiving. Restricted.
     * @dev Reverts with `AccountIsFrozen` when it is already.
     */
    function freeze(address account) external;

    /**
     * @notice Lets an account send and receive again. Restricted.
     * @dev Reverts with `AccountIsNotFrozen`, and with `ERC20InvalidReceiver` for the zero address and the token.
     */
    function unfreeze(address account) external;

    /**
     * @notice Stops all transfers and mints. Restricted.
     * @dev Reverts with `TokenIsPaused` when they are stopped already.
     */
    function pause() external;

    /**
     * @notice Ends the stop. Restricted.
     * @dev Reverts with `TokenIsNotPaused`.
     */
    function unpause() external;

    /**
     * @notice Lets `minter` mint up to `capacity` at once, growing back evenly over `windowSeconds`. Restricted.
     * @dev The limit starts full. In any time `t` a minter creates at most `capacity + capacity * t / windowSeconds`.
     * Reverts with `WindowInvalid` when `capacity` is not 0 and `windowSeconds` is.
     * @param capacity In the smallest unit; 0 takes the right to mint away.
     */
    function configureMinter(address minter, uint96 capacity, uint24 windowSeconds) external;

    /**
     * @notice Sets the contract that must agree to each mint; zero for none. Restricted.
     */
    function setMintGuard(address guard) external;

    /**
     * @notice ERC-7802: creates `amount` for `to` on behalf of a bridge. Restricted, and within the bridge's limit as a
     * minter.
     * @dev Reverts as `mint` does.
     */
    function crosschainMint(address to, uint256 amount) external override;

    /**
     * @notice ERC-7802: destroys `amount` of `from` on behalf of a bridge. Restricted, and out of the allowance that
     * `from` gave to the bridge, so that a stolen bridge can take only from its users.
     * @dev Reverts with `ERC20InsufficientAllowance`, `ERC20InsufficientBalance`, `AccountIsFrozen`, `TokenIsPaused`.
     */
    function crosschainBurn(address from, uint256 amount) external override;
}
