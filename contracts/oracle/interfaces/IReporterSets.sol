// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IReporterSets
 * @notice Who observes: n = 3f + 1 reporters (4 to 31), of whom f may lie in any way, and any 2f + 1 speak for all. A set is
 * numbered, signs under its number, and takes over only after a delay that everybody can watch.
 * @dev "Restricted" functions may be called by whoever the AccessManager says. See `QuorumSignatures` for the errors
 * SignerCountInvalid, SignerIsZero, SignerRepeated.
 */
interface IReporterSets {
    /// @notice What at least 2f + 1 reporters say, each in a row of its own, and each with its own signature.
    struct SignedValues {
        /// @dev The number of the set.
        uint32 setVersion;
        /// @dev Unix seconds of the observation, the same for all.
        uint40 observedAt;
        /// @dev Bit i: reporter i of the set has a row. Rows come in the order of the set.
        uint32 reporters;
        /// @dev Row after row; a row has a value for each thing observed, an int96 in 12 bytes.
        bytes values;
        /// @dev For each thing observed, which row (from 0) holds the median.
        bytes medians;
        /// @dev `r`, `vs` (EIP-2098) of each row.
        bytes32[] signatures;
    }

    /// @notice This set will sign from `effectiveAt` (Unix seconds) on.
    event ReporterSetScheduled(uint32 indexed version, address[] reporters, uint256 effectiveAt);
    /// @notice The set will never sign.
    event ReporterSetCancelled(uint32 indexed version);
    /// @notice The set has taken over. Comes with the first call after its time has come.
    event ReporterSetActivated(uint32 indexed version);

    /// @notice Another set is waiting; cancel it first.
    error ReporterSetAlreadyScheduled(uint32 version, uint256 effectiveAt);
    /// @notice The set is not waiting. `scheduled` is the one that is, 0 for none.
    error ReporterSetNotScheduled(uint32 version, uint32 scheduled);
    /// @notice Another set signs now.
    error ReporterSetNotActive(uint32 version, uint32 active);
    /// @notice The observation is ahead of the chain's clock.
    error ObservedInFuture(uint256 observedAt, uint256 currentTime);
    /// @notice Nothing was observed.
    error ReportIsEmpty();
    /// @notice Not 12 bytes for each reporter and thing observed.
    error ValuesSizeInvalid(uint256 observed, uint256 expected);
    /// @notice Not one median for each thing observed.
    error MedianCountInvalid(uint256 observed, uint256 expected);
    /// @notice Not two words of signature for each reporter.
    error SignatureCountInvalid(uint256 observed, uint256 expected);

    /// @notice How long a set is known before it signs, in seconds. Never changes.
    function reporterSetDelaySeconds() external view returns (uint32);

    /// @notice The set that signs now.
    function reporterSet() external view returns (uint32 version, address[] memory reporters);

    /// @notice The set that is waiting; `version` 0 when none is.
    function scheduledReporterSet()
        external
        view
        returns (uint32 version, uint256 effectiveAt, address[] memory reporters);

    /**
     * @notice Lets other reporters take over after `reporterSetDelaySeconds`; until then the old ones sign. Restricted.
     * @dev Reverts with ReporterSetAlreadyScheduled, SignerCountInvalid, SignerIsZero, SignerRepeated.
     */
    function scheduleReporterSet(address[] calldata reporters) external returns (uint32 version);

    /**
     * @notice Gives up a set that is waiting. Restricted. Its number is not used again.
     * @dev Reverts with ReporterSetNotScheduled, also when it has taken over already.
     */
    function cancelReporterSet(uint32 version) external;
}
