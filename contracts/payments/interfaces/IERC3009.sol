// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IERC3009
 * @notice Transfers by signed authorization (EIP-3009), for EOAs (`v, r, s`) and contract accounts (`bytes`, ERC-1271).
 * @dev Nonces are 32 random bytes chosen by the signer, so that authorizations are independent of each other.
 * An authorization is valid while `validAfter < block.timestamp < validBefore` (Unix seconds).
 *
 * Warning: anybody who sees a transfer authorization may submit it. A contract that takes a payment and acts on it
 * in one call uses `receiveWithAuthorization`, which only the payee can submit.
 */
interface IERC3009 {
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice The authorization was used or cancelled before.
    error AuthorizationAlreadyUsed(address authorizer, bytes32 nonce);
    /// @notice It is `timestamp`, and the authorization is valid only after `validAfter`.
    error AuthorizationNotYetValid(uint256 validAfter, uint256 timestamp);
    /// @notice It is `timestamp`, and the authorization was valid only before `validBefore`.
    error AuthorizationExpired(uint256 validBefore, uint256 timestamp);
    /// @notice `receiveWithAuthorization` was called by somebody else than the payee.
    error CallerIsNotPayee(address caller, address payee);
    /// @notice The signature is not one of `signer` over exactly these values, for this contract on this chain.
    error InvalidSignature(address signer);

    /// @notice True when the authorization `nonce` of `authorizer` was used or cancelled.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);

    /**
     * @notice Moves `value` from `from` to `to`. Anybody may submit it.
     * @dev Reverts with `AuthorizationNotYetValid`, `AuthorizationExpired`, `AuthorizationAlreadyUsed`,
     * `InvalidSignature`, and with everything that `transfer` reverts with.
     */
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice As above, with the signature as bytes: 65 bytes `r, s, v` of an EOA, or whatever an ERC-1271 account takes.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /**
     * @notice Moves `value` from `from` to `to`; only `to` may submit it.
     * @dev Reverts with `CallerIsNotPayee` and as `transferWithAuthorization`.
     */
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice As above, with the signature as bytes.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /**
     * @notice Makes the authorization `nonce` of `authorizer` unusable. Works while the token is paused.
     * @dev Reverts with `AuthorizationAlreadyUsed` and `InvalidSignature`.
     */
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice As above, with the signature as bytes.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;
}
