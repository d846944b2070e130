// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleHub} from "../../oracle/interfaces/IOracleHub.sol";
import {IMintGuard} from "./IMintGuard.sol";

/**
 * @title IReserveMintGuard
 * @notice No stablecoin beyond the reserve that the oracle attests. It stops minting only: a reserve that sinks below the supply
 * stops no transfer and no burn.
 * @dev A mint is refused, whatever the reason, when the last word on the reserve is not clear: ReserveExceeded, ReserveNegative,
 * ReserveFeedNotSet, and ValueIsStale (see `IOracleReader`) for an attestation older than the feed's max age.
 *
 * The attestation is of this chain's coins. A reserve that stands for coins on several chains is attested a chain at a time.
 */
interface IReserveMintGuard is IMintGuard {
    /// @notice The reserve of `token` is what `feed` says; 0 for none, which refuses all mints.
    event ReserveFeedSet(address indexed token, bytes32 indexed feed);

    /// @notice More than the attested reserve, both in the token's smallest unit.
    error ReserveExceeded(address token, uint256 reserve, uint256 supplyAfter);
    /// @notice The attestation says that there is less than nothing, in the feed's unit.
    error ReserveNegative(address token, int256 reserve);
    /// @notice Nobody has said which feed attests this token's reserve.
    error ReserveFeedNotSet(address token);
    /// @notice The feed attests the reserve of `holder`: what backs one coin cannot back another.
    error ReserveFeedTaken(bytes32 feed, address holder, address token);
    /// @notice More decimals than can be converted.
    error DecimalsInvalid(address token, uint256 observed, uint256 maximum);

    /// @notice Where reserves are read.
    function oracle() external view returns (IOracleHub);

    /// @notice The feed that attests the token's reserve; 0 for none.
    function reserveFeedOf(address token) external view returns (bytes32);

    /// @notice The token whose reserve the feed attests; 0 for none.
    function tokenOfReserveFeed(bytes32 feed) external view returns (address);

    /**
     * @notice What may exist of `token`, in its smallest unit, rounded down. A lower reserve counts as soon as it is reported, also
     * while it is held for confirmation; a higher one at once as far as the feed's max deviation goes, else when it is confirmed.
     * @dev Reverts with ReserveFeedNotSet, ReserveNegative and ValueIsStale.
     */
    function reserveOf(address token) external view returns (uint256 reserve);

    /**
     * @notice Says which price feed attests the token's reserve; 0 for none. Restricted. A feed attests one token's; another
     * can have it once that one has let go of it.
     * @dev Warning: what is out of the feed's bounds is not heard, so they must hold all that can be attested, a negative reserve
     * too. What exists of a token that let go of its feed is still owed by somebody. Give the feed to another only when
     * nothing of the first exists any more, or another feed attests its reserve.
     *
     * Reverts with ReserveFeedTaken, FeedNotFound and FeedKindMismatch (see `IOracleHub`), and with DecimalsInvalid.
     */
    function setReserveFeed(address token, bytes32 feed) external;
}
