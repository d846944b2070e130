// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IPausableEntries
 * @notice A stop of what brings money in; each contract says what that is. What lets money out is never stopped.
 */
interface IPausableEntries {
    event Paused(address account);
    event Unpaused(address account);

    /// @notice True while the entries are stopped.
    function paused() external view returns (bool);

    /// @notice Stops the entries. Restricted. Reverts, as an entry then does, when they are stopped already.
    function pause() external;

    /// @notice Ends the stop. Restricted. Reverts when there is none.
    function unpause() external;
}
