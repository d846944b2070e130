// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleHub} from "../../../contracts/oracle/interfaces/IOracleHub.sol";
import {IReporterSets} from "../../../contracts/oracle/interfaces/IReporterSets.sol";
import {QuorumSignatures} from "../../../contracts/lib/QuorumSignatures.sol";
import {Median} from "../../../contracts/oracle/Median.sol";
import {Oracle} from "./Oracle.sol";

/// @notice Fuzz tests of the hub: what holds for all values, quorums and times. Number 6 is of docs/domains/oracle.md.
contract OracleHubTest is Oracle {
    /// @dev Two of seven say what they like; any five or more are in the report.
    function testFuzz_6_report_staysBetweenTheHonest(
        int96[COUNT] memory values,
        uint8 liar,
        uint8 otherLiar,
        uint8 leftOut,
        uint8 alsoLeftOut
    ) public {
        uint32 reporters = uint32(0x7F & ~(1 << (leftOut % 8)) & ~(1 << (alsoLeftOut % 8)));
        int96 lowest = type(int96).max;
        int96 highest = type(int96).min;
        for (uint256 i = 0; i < COUNT; ++i) {
            bool isLiar = i == liar % COUNT || i == otherLiar % COUNT;
            if (isLiar || (reporters >> i) & 1 == 0) continue;
            if (values[i] < lowest) lowest = values[i];
            if (values[i] > highest) highest = values[i];
        }

        reportPrice(1, reporters, values);

        (int256 value, , ) = hub.heldPriceOf(FEED);
        assertTrue(value >= lowest && value <= highest, "between the honest");
    }

    function testFuzz_report_takesTheMedianAndNoOtherRow(int96[COUNT] memory values, uint8 row, bool narrow) public {
        // Half of the runs have many equal values.
        for (uint256 i = 0; narrow && i < COUNT; ++i) values[i] = values[i] % 3;
        uint256 right = medianRow(0x7F, values);
        IReporterSets.SignedValues memory signed;
        (signed.setVersion, signed.observedAt, signed.reporters) = (1, uint40(block.timestamp), 0x7F);
        signPrice(hub, FIRST_KEY, signed, 1, values);

        row = row % 9;
        signed.medians = abi.encodePacked(row);
        if (row != right) vm.expectRevert(abi.encodeWithSelector(Median.MedianInvalid.selector, 0, row, COUNT));
        hub.report(1, feeds(), signed);

        (int256 value, , ) = hub.heldPriceOf(FEED);
        if (row == right) assertTrue(value == values[right], "median");
    }

    function testFuzz_report_acceptsStepsUpToTheMaxDeviation(int96 from, int96 to) public {
        reportPrice(1, from);
        reportPrice(2, from);
        // Half of the runs stay around the limit of 5 %.
        if (to % 2 == 0) to = int96((int256(from) * 105) / 100 + (to % 4));
        reportPrice(3, to);

        uint256 size = from < 0 ? uint256(-int256(from)) : uint256(int256(from));
        uint256 step = from < to ? uint256(int256(to) - from) : uint256(int256(from) - to);
        (int256 value, , uint256 round) = hub.priceOf(FEED);
        (int256 held, , ) = hub.heldPriceOf(FEED);
        bool isNear = step * 10_000 <= size * 500;
        assertTrue(value == (isNear ? to : from), "value");
        assertEq(round, isNear ? 3 : 2, "round");
        assertTrue(held == (isNear ? int256(0) : to), "held");
    }

    function testFuzz_report_refusesFewerThanAQuorum(int96[COUNT] memory values, uint8 reporters) public {
        uint256 count = 0;
        reporters = reporters & 0x7F;
        for (uint256 i = 0; i < COUNT; ++i) count += (reporters >> i) & 1;
        if (count < 5) vm.expectRevert(abi.encodeWithSelector(QuorumSignatures.QuorumNotReached.selector, count, 5));
        this.reportAs(reporters, values);
    }

    /// @dev Callable from outside, so that the next call is this one.
    function reportAs(uint32 reporters, int96[COUNT] memory values) external {
        reportPrice(1, reporters, values);
    }

    function testFuzz_reportObservations_recordsOnce(
        bytes32 subject,
        uint40 start,
        uint40 end,
        int96 first,
        int96 second
    ) public {
        end = uint40(bound(end, 0, block.timestamp));
        start = uint40(bound(start, 0, end));
        IOracleHub.Window[] memory windows = new IOracleHub.Window[](1);
        windows[0] = IOracleHub.Window(FLIGHTS, subject, start, end);

        observe(windows, first);
        vm.warp(block.timestamp + 1);
        observe(windows, second);

        (int256 value, uint256 observedAt) = hub.readObservation(FLIGHTS, subject, start, end);
        assertTrue(value == first, "the first");
        assertEq(observedAt, block.timestamp - 1, "its time");
    }

    function observe(IOracleHub.Window[] memory windows, int96 said) private {
        int96[COUNT] memory values;
        for (uint256 i = 0; i < COUNT; ++i) values[i] = said;
        IReporterSets.SignedValues memory signed;
        (signed.setVersion, signed.observedAt, signed.reporters) = (1, uint40(block.timestamp), 0x7F);
        signWindow(hub, FIRST_KEY, signed, windows[0], values);
        hub.reportObservations(windows, signed);
    }
}
