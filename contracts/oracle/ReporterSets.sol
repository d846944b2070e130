// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {QuorumSignatures} from "../lib/QuorumSignatures.sol";
import {IReporterSets} from "./interfaces/IReporterSets.sol";
import {Median} from "./Median.sol";
import {ReportTable} from "./ReportTable.sol";

/**
 * @title ReporterSets
 * @notice See `IReporterSets`, which documents every function.
 */
abstract contract ReporterSets is IReporterSets, ReportTable, AccessManaged, EIP712 {
    using Median for bytes;

    struct LatestSet {
        address table;
        uint32 version;
        uint8 reporterCount;
    }

    uint32 public immutable override reporterSetDelaySeconds;

    LatestSet private _latest;

    constructor(uint32 reporterSetDelaySeconds_, address[] memory reporters) {
        reporterSetDelaySeconds = reporterSetDelaySeconds_;
        _schedule(reporters, block.timestamp);
        _activateIfDue();
    }

    /// @inheritdoc IReporterSets
    function reporterSet() external view returns (uint32 version, address[] memory reporters) {
        ActiveSet memory active = _active;
        if (_isDue(active)) return (_latest.version, _latestReporters());
        return (active.version, QuorumSignatures.load(active.table, active.reporterCount));
    }

    /// @inheritdoc IReporterSets
    function scheduledReporterSet()
        external
        view
        returns (uint32 version, uint256 effectiveAt, address[] memory reporters)
    {
        ActiveSet memory active = _active;
        if (active.nextEffectiveAt == 0 || _isDue(active)) return (0, 0, reporters);
        return (_latest.version, active.nextEffectiveAt, _latestReporters());
    }

    /// @inheritdoc IReporterSets
    function scheduleReporterSet(address[] calldata reporters) external restricted returns (uint32 version) {
        uint256 nextEffectiveAt = _activateIfDue().nextEffectiveAt;
        if (nextEffectiveAt != 0) revert ReporterSetAlreadyScheduled(_latest.version, nextEffectiveAt);

        return _schedule(reporters, block.timestamp + reporterSetDelaySeconds);
    }

    /// @inheritdoc IReporterSets
    function cancelReporterSet(uint32 version) external restricted {
        uint32 scheduled = _activateIfDue().nextEffectiveAt == 0 ? 0 : _latest.version;
        if (scheduled == 0 || version != scheduled) revert ReporterSetNotScheduled(version, scheduled);

        _active.nextEffectiveAt = 0;
        emit ReporterSetCancelled(version);
    }

    /**
     * @dev The median of each column. Reverts unless at least 2f + 1 of the active set signed, each its own row.
     * @param head The encoded EIP-712 struct that they signed; its last word takes in the hash of each row.
     * @param columnCount How many values a row has.
     */
    function _agreedValues(
        SignedValues calldata signed,
        bytes memory head,
        uint256 columnCount
    ) internal returns (int256[] memory medians) {
        if (signed.observedAt > block.timestamp) revert ObservedInFuture(signed.observedAt, block.timestamp);
        if (columnCount == 0) revert ReportIsEmpty();
        bytes calldata rows = signed.medians;
        if (rows.length != columnCount) revert MedianCountInvalid(rows.length, columnCount);
        bytes calldata values = signed.values;
        unchecked {
            // Sizes of what lies in calldata cannot overflow.
            return values.ofColumns(rows, _checkSignatures(signed, values, head, columnCount * Median.WIDTH));
        }
    }

    /// @return rowCount How many signed.
    function _checkSignatures(
        SignedValues calldata signed,
        bytes calldata values,
        bytes memory head,
        uint256 rowSize
    ) private returns (uint256 rowCount) {
        address[] memory reporters = _activeReporters(signed.setVersion);
        uint256 mask = signed.reporters;
        bytes32[] calldata signatures = signed.signatures;
        rowCount = QuorumSignatures.requireQuorum(mask, reporters.length);
        unchecked {
            uint256 size = rowCount * rowSize;
            if (values.length != size) revert ValuesSizeInvalid(values.length, size);
            if (signatures.length != 2 * rowCount) revert SignatureCountInvalid(signatures.length, 2 * rowCount);
        }

        bytes32 domainSeparator = _domainSeparatorV4();
        uint256 row = 0;
        for (uint256 i = 0; row < rowCount; ++i) {
            if ((mask >> i) & 1 == 0) continue;
            bytes32 digest = _digest(domainSeparator, head, values, row, rowSize);
            (bytes32 r, bytes32 vs) = _signatureAt(signatures, row);
            QuorumSignatures.requireSigned(reporters[i], digest, r, vs);
            unchecked {
                ++row;
            }
        }
    }

    function _activeReporters(uint32 setVersion) private returns (address[] memory) {
        ActiveSet memory active = _activateIfDue();
        if (setVersion != active.version) revert ReporterSetNotActive(setVersion, active.version);
        return QuorumSignatures.load(active.table, active.reporterCount);
    }

    function _latestReporters() private view returns (address[] memory) {
        return QuorumSignatures.load(_latest.table, _latest.reporterCount);
    }

    /// @dev What a reporter signed: the last word of `head` becomes the hash of its row, which has `size` bytes.
    function _digest(
        bytes32 domainSeparator,
        bytes memory head,
        bytes calldata values,
        uint256 row,
        uint256 size
    ) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, add(values.offset, mul(row, size)), size)
            mstore(add(head, mload(head)), keccak256(free, size))
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domainSeparator)
            mstore(add(free, 0x22), keccak256(add(head, 0x20), mload(head)))
            digest := keccak256(free, 0x42)
        }
    }

    function _signatureAt(bytes32[] calldata signatures, uint256 row) private pure returns (bytes32 r, bytes32 vs) {
        assembly ("memory-safe") {
            let at := add(signatures.offset, shl(6, row))
            r := calldataload(at)
            vs := calldataload(add(at, 0x20))
        }
    }

    function _schedule(address[] memory reporters, uint256 effectiveAt) private returns (uint32 version) {
        version = _latest.version + 1;
        // Cannot truncate: a set has at most 31, and 40 bits of seconds are 34,000 years.
        _latest = LatestSet(QuorumSignatures.store(reporters), version, uint8(reporters.length));
        _active.nextEffectiveAt = uint40(effectiveAt);
        emit ReporterSetScheduled(version, reporters, effectiveAt);
    }

    function _activateIfDue() private returns (ActiveSet memory active) {
        active = _active;
        if (_isDue(active)) {
            uint32 version = _latest.version;
            _storeReporters(abi.encodePacked(_latestReporters()), version);
            emit ReporterSetActivated(version);
            active = _active;
        }
    }

    function _isDue(ActiveSet memory active) private view returns (bool) {
        return active.nextEffectiveAt != 0 && active.nextEffectiveAt <= block.timestamp;
    }
}
