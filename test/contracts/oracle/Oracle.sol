// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IOracleHub} from "../../../contracts/oracle/interfaces/IOracleHub.sol";
import {IReporterSets} from "../../../contracts/oracle/interfaces/IReporterSets.sol";
import {OracleHub} from "../../../contracts/oracle/OracleHub.sol";
import {Test} from "../support/Test.sol";

/// @notice Signs reports of one price feed or one window as reporters do. Reporter `i` of a set has the key `firstKey + i`.
abstract contract Reporters is Test {
    bytes32 internal constant FEED = "EUR/USD";
    bytes32 internal constant FLIGHTS = "flight-delay-minutes";
    uint256 internal constant COUNT = 7;

    function addressesOf(uint256 firstKey) internal pure returns (address[] memory reporters) {
        reporters = new address[](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) reporters[i] = vm.addr(firstKey + i);
    }

    /// @dev `values` has one value for each reporter of the set, also for those that do not sign.
    function signPrice(
        OracleHub hub,
        uint256 firstKey,
        IReporterSets.SignedValues memory signed,
        uint32 round,
        int96[COUNT] memory values
    ) internal view {
        bytes32 feedsHash = keccak256(abi.encodePacked(FEED));
        sign(
            hub,
            firstKey,
            signed,
            abi.encode(hub.PRICES_TYPEHASH(), signed.setVersion, round, signed.observedAt, feedsHash),
            values
        );
    }

    function signWindow(
        OracleHub hub,
        uint256 firstKey,
        IReporterSets.SignedValues memory signed,
        IOracleHub.Window memory window,
        int96[COUNT] memory values
    ) internal view {
        bytes32 typeHash = keccak256("Window(bytes32 feed,bytes32 subject,uint40 windowStart,uint40 windowEnd)");
        bytes32 windowsHash = keccak256(abi.encodePacked(keccak256(abi.encode(typeHash, window))));
        sign(
            hub,
            firstKey,
            signed,
            abi.encode(hub.OBSERVATIONS_TYPEHASH(), signed.setVersion, signed.observedAt, windowsHash),
            values
        );
    }

    /// @dev Fills in rows, median and signatures of the reporters in `signed.reporters`.
    function sign(
        OracleHub hub,
        uint256 firstKey,
        IReporterSets.SignedValues memory signed,
        bytes memory head,
        int96[COUNT] memory values
    ) private view {
        bytes32 domain = domainOf(hub);
        bytes32[] memory signatures = new bytes32[](2 * COUNT);
        uint256 count = 0;
        signed.values = "";
        for (uint256 i = 0; i < COUNT; ++i) {
            if ((signed.reporters >> i) & 1 == 0) continue;
            bytes memory row = abi.encodePacked(values[i]);
            signed.values = bytes.concat(signed.values, row);
            bytes32 structHash = keccak256(bytes.concat(head, keccak256(row)));
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(
                firstKey + i,
                keccak256(abi.encodePacked(hex"1901", domain, structHash))
            );
            signatures[2 * count] = r;
            signatures[2 * count + 1] = bytes32(uint256(s) | (uint256(v - 27) << 255));
            ++count;
        }
        assembly ("memory-safe") {
            mstore(signatures, mul(2, count))
        }
        signed.signatures = signatures;
        signed.medians = abi.encodePacked(uint8(medianRow(signed.reporters, values)));
    }

    /// @dev By the definition: the row with (count - 1) / 2 others before it in order of value, then of row.
    function medianRow(uint256 reporters, int96[COUNT] memory values) internal pure returns (uint256 row) {
        uint256 count = 0;
        for (uint256 i = 0; i < COUNT; ++i) count += (reporters >> i) & 1;
        if (count == 0) return 0;
        for (uint256 i = 0; i < COUNT; ++i) {
            if ((reporters >> i) & 1 == 0) continue;
            uint256 before = 0;
            for (uint256 j = 0; j < COUNT; ++j) {
                bool isBefore = values[j] < values[i] || (values[j] == values[i] && j < i);
                if ((reporters >> j) & 1 == 1 && isBefore) ++before;
            }
            if (before == (count - 1) / 2) return row;
            ++row;
        }
        return row;
    }

    function domainOf(OracleHub hub) private view returns (bytes32) {
        (, string memory name, string memory version, uint256 chainId, address verifier, , ) = hub.eip712Domain();
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256(bytes(name)),
                    keccak256(bytes(version)),
                    chainId,
                    verifier
                )
            );
    }
}

/// @notice A hub of seven reporters, two of whom may lie, whose every role is the test contract's, without delay.
abstract contract Oracle is Reporters {
    uint256 internal constant FIRST_KEY = 0xA11CE;
    uint32 internal constant DELAY_SECONDS = 1 hours;

    AccessManager internal manager;
    OracleHub internal hub;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(address(this));
        hub = new OracleHub(address(manager), DELAY_SECONDS, addressesOf(FIRST_KEY));
        IOracleHub.FeedKind price = IOracleHub.FeedKind.PRICE;
        IOracleHub.FeedKind observation = IOracleHub.FeedKind.OBSERVATION;
        hub.addFeed(FEED, IOracleHub.FeedConfig(price, 8, 1 hours, 500, type(int96).min, type(int96).max));
        hub.addFeed(FLIGHTS, IOracleHub.FeedConfig(observation, 0, 0, 0, type(int96).min, type(int96).max));
    }

    /// @dev Five say the same.
    function reportPrice(uint32 round, int96 value) internal {
        int96[COUNT] memory values;
        for (uint256 i = 0; i < COUNT; ++i) values[i] = value;
        reportPrice(round, 0x1F, values);
    }

    function reportPrice(uint32 round, uint32 reporters, int96[COUNT] memory values) internal {
        vm.warp(block.timestamp + 1);
        IReporterSets.SignedValues memory signed;
        (signed.setVersion, signed.observedAt, signed.reporters) = (1, uint40(block.timestamp), reporters);
        signPrice(hub, FIRST_KEY, signed, round, values);
        hub.report(round, feeds(), signed);
    }

    function feeds() internal pure returns (bytes32[] memory names) {
        names = new bytes32[](1);
        names[0] = FEED;
    }
}
