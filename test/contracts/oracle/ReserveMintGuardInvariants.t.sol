// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleHub} from "../../../contracts/oracle/interfaces/IOracleHub.sol";
import {OracleHub} from "../../../contracts/oracle/OracleHub.sol";
import {ReserveMintGuard} from "../../../contracts/payments/ReserveMintGuard.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Oracle} from "./Oracle.sol";
import {TokenOfDecimals} from "./Minters.sol";

/// @notice Invariant 9 of docs/domains/oracle.md.
contract ReserveMintGuardInvariantsTest is Oracle {
    Stablecoin private coin;
    ReserveMintGuard private guard;
    uint256 private startedAt;
    uint256 private elapsed;
    uint32 private round;
    string private wrong;

    function setUp() public override {
        super.setUp();
        startedAt = block.timestamp;
        coin = new Stablecoin("Corridor USD", "cUSD", address(manager));
        guard = new ReserveMintGuard(address(manager), hub);
        coin.setMintGuard(address(guard));
        guard.setReserveFeed(address(coin), FEED);
        coin.configureMinter(address(this), type(uint96).max, 1);
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    /// @dev The feed has 8 decimals, the coin 6.
    function attest(uint16 reserve) external {
        _tick();
        reportPrice(++round, int96(uint96(reserve)) * 1e8);
        elapsed = block.timestamp - startedAt;
    }

    function mint(uint40 amount) external {
        _tick();
        try coin.mint(address(this), amount) {
            (bool fresh, int256 value, ) = hub.tryRead(FEED);
            (int256 held, uint256 heldAt, ) = hub.heldPriceOf(FEED);
            if (heldAt != 0 && held < value) value = held;
            if (!fresh) wrong = "minted on a stale reserve";
            if (coin.totalSupply() > uint256(value) / 100) wrong = "minted beyond the reserve";
        } catch {}
    }

    function burn(uint256 amount) external {
        coin.burn(bound(amount, 0, coin.totalSupply()));
    }

    function wait(uint16 time) external {
        elapsed += time % 3_000;
    }

    function invariant_9_nothingIsMintedBeyondTheReserve() public view {
        assertTrue(bytes(wrong).length == 0, wrong);
    }

    function _tick() private {
        vm.warp(startedAt + elapsed);
    }
}

/// @notice The rounding of a reserve.
contract ReserveMintGuardTest is Oracle {
    /// @dev Down: what is left out is less than one unit of the token, and never above the attested.
    function testFuzz_reserveOf_roundsDown(uint96 value, uint8 tokenDecimals, uint8 feedDecimals) public {
        value = value >> 1;
        tokenDecimals = uint8(bound(tokenDecimals, 0, 18));
        feedDecimals = uint8(bound(feedDecimals, 0, 18));
        TokenOfDecimals token = new TokenOfDecimals(tokenDecimals);
        // A feed keeps its decimals, so each run has a feed of its own. Only the first value of a feed is held.
        IOracleHub.FeedConfig memory config = hub.feedOf(FEED);
        config.decimals = feedDecimals;
        hub = new OracleHub(address(manager), DELAY_SECONDS, addressesOf(FIRST_KEY));
        hub.addFeed(FEED, config);
        ReserveMintGuard guard = new ReserveMintGuard(address(manager), hub);
        guard.setReserveFeed(address(token), FEED);
        reportPrice(1, int96(value));
        reportPrice(2, int96(value));

        uint256 reserve = guard.reserveOf(address(token));
        uint256 attested = uint256(value) * 10 ** tokenDecimals;
        assertLe(reserve * 10 ** feedDecimals, attested, "not more");
        assertTrue((reserve + 1) * 10 ** feedDecimals > attested, "not one less");
    }
}
