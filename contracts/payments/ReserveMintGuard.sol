// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IOracleHub} from "../oracle/interfaces/IOracleHub.sol";
import {IMintGuard} from "./interfaces/IMintGuard.sol";
import {IReserveMintGuard} from "./interfaces/IReserveMintGuard.sol";

/**
 * @title ReserveMintGuard
 * @notice See `IReserveMintGuard`, which documents every function.
 */
contract ReserveMintGuard is IReserveMintGuard, AccessManaged {
    /// @dev As the oracle's limit, so that a reserve of 96 bits can be converted either way.
    uint256 private constant MAX_DECIMALS = 18;

    IOracleHub public immutable override oracle;

    mapping(address token => bytes32 feed) public override reserveFeedOf;
    mapping(bytes32 feed => address token) public override tokenOfReserveFeed;

    constructor(address authority, IOracleHub oracle_) AccessManaged(authority) {
        oracle = oracle_;
    }

    /// @inheritdoc IMintGuard
    function checkMint(address token, uint256 supplyAfter) external view {
        uint256 reserve = reserveOf(token);
        if (supplyAfter > reserve) revert ReserveExceeded(token, reserve, supplyAfter);
    }

    /// @inheritdoc IReserveMintGuard
    function reserveOf(address token) public view returns (uint256 reserve) {
        bytes32 feed = reserveFeedOf[token];
        if (feed == 0) revert ReserveFeedNotSet(token);

        (int256 value, ) = oracle.read(feed);
        (int256 held, uint256 heldAt, ) = oracle.heldPriceOf(feed);
        if (heldAt != 0 && held < value) value = held;
        if (value < 0) revert ReserveNegative(token, value);

        uint256 tokenDecimals = IERC20Metadata(token).decimals();
        uint256 feedDecimals = oracle.decimalsOf(feed);
        return (uint256(value) * 10 ** tokenDecimals) / 10 ** feedDecimals;
    }

    /// @inheritdoc IReserveMintGuard
    function setReserveFeed(address token, bytes32 feed) external restricted {
        if (feed != 0) {
            address holder = tokenOfReserveFeed[feed];
            if (holder != address(0) && holder != token) revert ReserveFeedTaken(feed, holder, token);
            // No value is needed yet, but it must be a price feed.
            oracle.priceOf(feed);
            uint256 decimals = IERC20Metadata(token).decimals();
            if (decimals > MAX_DECIMALS) revert DecimalsInvalid(token, decimals, MAX_DECIMALS);
        }

        tokenOfReserveFeed[reserveFeedOf[token]] = address(0);
        reserveFeedOf[token] = feed;
        if (feed != 0) tokenOfReserveFeed[feed] = token;
        emit ReserveFeedSet(token, feed);
    }
}
