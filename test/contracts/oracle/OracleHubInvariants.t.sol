// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleHub} from "../../../contracts/oracle/interfaces/IOracleHub.sol";
import {IReporterSets} from "../../../contracts/oracle/interfaces/IReporterSets.sol";
import {OracleHub} from "../../../contracts/oracle/OracleHub.sol";
import {Oracle, Reporters} from "./Oracle.sol";

/**
 * @notice Does to a hub what honest and lying reporters, transmitters of old and of forged reports, and its administrators do, in
 * whatever order it is told to. Two sets of reporters take turns; two reporters of each lie as they like.
 */
contract OracleActions is Reporters {
    int96 public constant LOWEST = -1_000;
    int96 public constant HIGHEST = 1_000;
    uint256 public constant MAX_DEVIATION_BPS = 500;
    uint256 private constant FIRST_KEY = 0xA11CE;
    uint256 private constant OTHER_KEY = 0xB0B;

    OracleHub private immutable hub;
    uint32 private immutable delaySeconds;
    uint256 private immutable startedAt = block.timestamp;

    /// @dev In seconds. The runner's own clock is not the same when it checks the invariants.
    uint256 public elapsed;

    int96 private truth = 500;
    uint32 private round;

    // What the hub should say, kept by hand.
    uint32 private version = 1;
    uint32 private scheduled;
    uint32 private latest = 1;
    uint256 private effectiveAt;
    mapping(uint32 version => uint256 firstKey) private keyOf;

    IReporterSets.SignedValues private lastReport;
    uint32 private lastRound;

    // What went wrong, by the number of the invariant; empty when nothing did.
    mapping(uint256 invariantNumber => string what) public wrong;
    mapping(bytes32 subject => int256 value) private observed;
    bytes32[] private subjects;

    modifier onTime() {
        vm.warp(startedAt + elapsed);
        _;
    }

    constructor(OracleHub hub_) {
        hub = hub_;
        delaySeconds = hub_.reporterSetDelaySeconds();
        keyOf[1] = FIRST_KEY;
    }

    /// @dev An honest round, with lies in it, by any five or more.
    function report(uint8 steps, int96[2] calldata lies, uint8 liar, uint8 leftOut, uint8 age) external onTime {
        elapsed += 1;
        vm.warp(startedAt + elapsed);
        round += steps % 3;
        truth += int96(int8(steps)) / 8;
        int96[COUNT] memory values = _said(lies, liar);
        uint32 reporters = uint32(0x7F & ~(1 << (leftOut % 8)) & ~(1 << ((leftOut >> 4) % 8)));
        uint256 observedAt = block.timestamp - (age % 128 == 0 ? 4_000 : age % 4);

        IReporterSets.SignedValues memory signed = _sign(_active(), reporters, uint40(observedAt), values);
        _reportAndCheck(signed, round, values, liar);
    }

    /// @dev A flash: everybody honest sees something far off, once.
    function jump(int8 size) external {
        truth = truth + int96(size) * 8;
    }

    /// @dev The last report again, as it was. What it held can be held again after new rules dropped it, and no more than that.
    function replay() external onTime {
        if (lastReport.reporters == 0) return;
        (int256 value, uint256 observedAt, uint256 currentRound) = hub.priceOf(FEED);
        int256[3] memory held = _held();
        try hub.report(lastRound, _feeds(), lastReport) {} catch {}
        (int256 valueAfter, uint256 observedAfter, uint256 roundAfter) = hub.priceOf(FEED);
        bool isSame = value == valueAfter && observedAt == observedAfter && currentRound == roundAfter;
        bool isSameHeld = held[1] == 0 || keccak256(abi.encode(held)) == keccak256(abi.encode(_held()));
        if (!isSame || !isSameHeld) wrong[1] = "a replay did something";
    }

    /// @dev Fewer than a quorum, the set that is not active, one signature of a stranger, one reporter twice.
    function forge(uint8 kind, uint8 reporters) external onTime {
        int96[COUNT] memory values;
        for (uint256 i = 0; i < COUNT; ++i) values[i] = truth;
        uint32 active = _active();
        uint32 signers = 0x1F;
        if (kind % 4 == 0) signers = uint32(reporters & 0x6D);
        uint256 key = kind % 4 == 1 ? _otherKey(keyOf[active]) : keyOf[active];
        IReporterSets.SignedValues memory signed;
        (signed.setVersion, signed.observedAt, signed.reporters) = (active, uint40(block.timestamp), signers);
        if (kind % 8 == 5) (signed.setVersion, key) = (latest + 1, _otherKey(key));
        if (kind % 4 == 0 && signers == 0x6D) signers = signed.reporters = 0x2D;
        signPrice(hub, key, signed, round + 1, values);
        if (kind % 4 == 2) signed.signatures[2] = signed.signatures[4];
        if (kind % 4 == 3) (signed.signatures[8], signed.signatures[9]) = (signed.signatures[6], signed.signatures[7]);
        try hub.report(round + 1, _feeds(), signed) {
            wrong[5] = "a forged report was taken";
        } catch {}
    }

    /// @dev All reporters of the active set turn hostile, and want no round to be left for those after them.
    function useUpRounds(uint32 ahead) external onTime {
        int96[COUNT] memory values;
        IReporterSets.SignedValues memory signed;
        uint32 active = _active();
        (signed.setVersion, signed.observedAt, signed.reporters) = (active, uint40(block.timestamp), 0x7F);
        uint32 newRound = uint32(bound(ahead, block.timestamp + 1, type(uint32).max));
        signPrice(hub, keyOf[active], signed, newRound, values);
        try hub.report(newRound, _feeds(), signed) {
            wrong[7] = "a round ahead of the clock was taken";
        } catch {}
    }

    function observe(uint8 subject, int96[2] calldata lies, uint8 liar) external onTime {
        IOracleHub.Window[] memory windows = new IOracleHub.Window[](1);
        windows[0] = IOracleHub.Window(FLIGHTS, bytes32(uint256(subject % 16)), 1, 2);
        int96[COUNT] memory values = _said(lies, liar);
        IReporterSets.SignedValues memory signed;
        uint32 active = _active();
        (signed.setVersion, signed.observedAt, signed.reporters) = (active, uint40(block.timestamp), 0x7F);
        signWindow(hub, keyOf[active], signed, windows[0], values);

        bytes32 name = windows[0].subject;
        (bool before, , ) = hub.tryReadObservation(FLIGHTS, name, 1, 2);
        hub.reportObservations(windows, signed);
        (bool isThere, int256 value, ) = hub.tryReadObservation(FLIGHTS, name, 1, 2);
        if (before || !isThere) return;
        observed[name] = value;
        subjects.push(name);
    }

    function schedule() external onTime {
        _active();
        if (scheduled != 0) return;
        uint256 key = _otherKey(keyOf[version]);
        scheduled = hub.scheduleReporterSet(addressesOf(key));
        latest = scheduled;
        keyOf[scheduled] = key;
        effectiveAt = block.timestamp + delaySeconds;
    }

    function cancel() external onTime {
        _active();
        if (scheduled == 0) return;
        hub.cancelReporterSet(scheduled);
        scheduled = 0;
    }

    /// @dev Narrower bounds withdraw the value; the old ones come back at once, the value does not.
    function withdraw(uint8 chance) external onTime {
        if (chance % 16 != 0) return;
        hub.updateFeed(FEED, 1 hours, uint16(MAX_DEVIATION_BPS), HIGHEST, HIGHEST);
        hub.updateFeed(FEED, 1 hours, uint16(MAX_DEVIATION_BPS), LOWEST, HIGHEST);
    }

    function wait(uint16 time) external {
        elapsed += time % 2_000;
    }

    /// @dev The number of observations that are not what they were.
    function changedObservations() external view returns (uint256 changed) {
        for (uint256 i = 0; i < subjects.length; ++i) {
            (bool isThere, int256 value, ) = hub.tryReadObservation(FLIGHTS, subjects[i], 1, 2);
            if (!isThere || value != observed[subjects[i]]) ++changed;
        }
    }

    /// @dev By the clock: which set may sign.
    function activeVersion() public view returns (uint32) {
        return scheduled != 0 && startedAt + elapsed >= effectiveAt ? scheduled : version;
    }

    function warp() external {
        vm.warp(startedAt + elapsed);
    }

    function _reportAndCheck(
        IReporterSets.SignedValues memory signed,
        uint32 newRound,
        int96[COUNT] memory values,
        uint8 liar
    ) private {
        (int256 value, uint256 observedAt, uint256 oldRound) = hub.priceOf(FEED);
        int256[3] memory held = _held();
        hub.report(newRound, _feeds(), signed);
        lastReport = signed;
        lastRound = newRound;

        (int256 newValue, uint256 newTime, uint256 takenRound) = hub.priceOf(FEED);
        if (takenRound == oldRound && newTime == observedAt && newValue == value) return;
        if (takenRound <= oldRound) wrong[1] = "a round fell";
        if (takenRound != newRound) wrong[1] = "a round of another report";
        if (newTime <= observedAt || newTime > block.timestamp) wrong[7] = "a time fell, or is ahead";
        if (takenRound > block.timestamp) wrong[7] = "a round is ahead";
        bool isNear = observedAt != 0 && _isNear(newValue, value);
        bool isConfirmed = held[1] != 0 && _isNear(newValue, held[0]) && takenRound > uint256(held[2]);
        if (!isNear && !isConfirmed) wrong[4] = "a jump was not confirmed";
        _checkHonesty(signed.reporters, values, liar, newValue);
    }

    function _checkHonesty(uint32 reporters, int96[COUNT] memory values, uint8 liar, int256 value) private {
        bool hasLower = false;
        bool hasHigher = false;
        for (uint256 i = 0; i < COUNT; ++i) {
            if (_isLiar(i, liar) || (reporters >> i) & 1 == 0) continue;
            hasLower = hasLower || values[i] <= value;
            hasHigher = hasHigher || values[i] >= value;
        }
        if (!hasLower || !hasHigher) wrong[6] = "not between the honest";
    }

    function _said(int96[2] calldata lies, uint8 liar) private view returns (int96[COUNT] memory values) {
        for (uint256 i = 0; i < COUNT; ++i) {
            values[i] = truth + int96(int256(i % 3));
            if (_isLiar(i, liar)) values[i] = lies[i % 2];
        }
    }

    function _isLiar(uint256 reporter, uint8 liar) private pure returns (bool) {
        return reporter == liar % COUNT || reporter == (liar / COUNT) % COUNT;
    }

    function _sign(
        uint32 setVersion,
        uint32 reporters,
        uint40 observedAt,
        int96[COUNT] memory values
    ) private view returns (IReporterSets.SignedValues memory signed) {
        (signed.setVersion, signed.observedAt, signed.reporters) = (setVersion, observedAt, reporters);
        signPrice(hub, keyOf[setVersion], signed, round, values);
    }

    function _active() private returns (uint32) {
        version = activeVersion();
        if (version == scheduled) scheduled = 0;
        return version;
    }

    function _otherKey(uint256 key) private pure returns (uint256) {
        return key == FIRST_KEY ? OTHER_KEY : FIRST_KEY;
    }

    function _held() private view returns (int256[3] memory held) {
        (int256 value, uint256 observedAt, uint256 heldRound) = hub.heldPriceOf(FEED);
        held = [value, int256(observedAt), int256(heldRound)];
    }

    function _isNear(int256 value, int256 from) private pure returns (bool) {
        int256 step = value > from ? value - from : from - value;
        return step * 10_000 <= (from < 0 ? -from : from) * int256(MAX_DEVIATION_BPS);
    }

    function _feeds() private pure returns (bytes32[] memory names) {
        names = new bytes32[](1);
        names[0] = FEED;
    }
}

/// @notice Invariants 1 to 8 of docs/domains/oracle.md.
contract OracleHubInvariantsTest is Oracle {
    OracleActions private actions;

    function setUp() public override {
        super.setUp();
        actions = new OracleActions(hub);
        manager.grantRole(0, address(actions), 0);
        uint16 maxDeviationBps = uint16(actions.MAX_DEVIATION_BPS());
        hub.updateFeed(FEED, 1 hours, maxDeviationBps, actions.LOWEST(), actions.HIGHEST());
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_1_roundsOnlyRise() public view {
        assertNothingWrong(1);
    }

    function invariant_2_valuesAreWithinBounds() public view {
        (int256 value, , ) = hub.priceOf(FEED);
        (int256 held, , ) = hub.heldPriceOf(FEED);
        assertTrue(value >= actions.LOWEST() && value <= actions.HIGHEST(), "value");
        assertTrue(held >= actions.LOWEST() && held <= actions.HIGHEST(), "held");
    }

    function invariant_3_anObservationNeverChanges() public view {
        assertEq(actions.changedObservations(), 0, "changed");
    }

    function invariant_4_aJumpNeedsASecondRound() public view {
        assertNothingWrong(4);
    }

    function invariant_5_noReportWithoutAQuorumOfTheActiveSet() public view {
        assertNothingWrong(5);
    }

    function invariant_6_valuesAreBetweenThoseOfTheHonest() public view {
        assertNothingWrong(6);
    }

    function invariant_7_timesOnlyRiseAndAreNeverAhead() public view {
        assertNothingWrong(7);
    }

    function invariant_8_aSetSignsAfterItsDelayAndNoOtherDoes() public {
        actions.warp();
        (uint32 version, ) = hub.reporterSet();
        assertEq(version, actions.activeVersion(), "active set");
    }

    function assertNothingWrong(uint256 number) private view {
        string memory what = actions.wrong(number);
        assertTrue(bytes(what).length == 0, what);
    }
}
