// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC7802} from "@openzeppelin/contracts/interfaces/draft-IERC7802.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Signatures} from "../lib/Signatures.sol";
import {TokenBucket} from "../lib/TokenBucket.sol";
import {IBatchTransfer} from "./interfaces/IBatchTransfer.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {IMintGuard} from "./interfaces/IMintGuard.sol";
import {IStablecoin} from "./interfaces/IStablecoin.sol";

/**
 * @title Stablecoin
 * @notice See `IStablecoin`, which documents every function.
 */
contract Stablecoin is IStablecoin, AccessManaged, EIP712, Nonces {
    using TokenBucket for TokenBucket.Bucket;

    uint8 public constant override decimals = 6;
    uint256 public constant MAX_BATCH = 256;

    bytes32 public constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 public constant TRANSFER_WITH_AUTHORIZATION_TYPEHASH =
        keccak256(
            "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
    bytes32 public constant RECEIVE_WITH_AUTHORIZATION_TYPEHASH =
        keccak256(
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
    bytes32 public constant CANCEL_AUTHORIZATION_TYPEHASH =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    /// @dev Top bit of the balance word. One read tells both whether an account is frozen and what it has.
    uint256 private constant FROZEN = 1 << 255;

    /// @dev In the same slot as the authority's address.
    bool public override paused;
    IMintGuard public override mintGuard;
    uint256 public override totalSupply;
    string public override name;
    string public override symbol;

    /// @dev FROZEN | balance. A balance never reaches the top bit: the minters' limits would need 2^159 full mints.
    mapping(address account => uint256 word) private _balances;
    mapping(address owner => mapping(address spender => uint256 amount)) public override allowance;
    mapping(address authorizer => mapping(bytes32 nonce => bool used)) public override authorizationState;
    mapping(address minter => TokenBucket.Bucket limit) private _minters;

    /**
     * @param name_ At most 31 bytes, also the EIP-712 domain's name (version "1").
     * @param authority The AccessManager that holds every role.
     */
    constructor(
        string memory name_,
        string memory symbol_,
        address authority
    ) AccessManaged(authority) EIP712(name_, "1") {
        name = name_;
        symbol = symbol_;
        // Neither can ever hold the token, and the hot path needs no check of its own for it.
        _balances[address(0)] = FROZEN;
        _balances[address(this)] = FROZEN;
    }

    modifier whenNotPaused() {
        if (paused) revert TokenIsPaused();
        _;
    }

    // ERC-20

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return _balances[account] & ~FROZEN;
    }

    /// @inheritdoc IERC20
    function transfer(address to, uint256 amount) external returns (bool) {
        _transfer(msg.sender, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spendAllowance(from, amount);
        _transfer(from, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function approve(address spender, uint256 amount) external returns (bool) {
        _approve(msg.sender, spender, amount);
        return true;
    }

    // EIP-2612

    /// @inheritdoc IERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (block.timestamp > deadline) revert PermitExpired(deadline, block.timestamp);
        bytes32 structHash = keccak256(
            abi.encode(PERMIT_TYPEHASH, owner, spender, value, _useNonce(owner), deadline)
        );
        if (!Signatures.isValid(owner, _hashTypedDataV4(structHash), v, r, s)) revert InvalidSignature(owner);

        _approve(owner, spender, value);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc IERC20Permit
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    // EIP-3009

    /// @inheritdoc IERC3009
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
    ) external {
        bytes32 digest = _authorizationDigest(
            TRANSFER_WITH_AUTHORIZATION_TYPEHASH,
            from,
            to,
            value,
            validAfter,
            validBefore,
            nonce
        );
        if (!Signatures.isValid(from, digest, v, r, s)) revert InvalidSignature(from);
        _useAuthorization(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _authorizationDigest(
            TRANSFER_WITH_AUTHORIZATION_TYPEHASH,
            from,
            to,
            value,
            validAfter,
            validBefore,
            nonce
        );
        if (!Signatures.isValid(from, digest, signature)) revert InvalidSignature(from);
        _useAuthorization(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
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
    ) external {
        if (msg.sender != to) revert CallerIsNotPayee(msg.sender, to);
        bytes32 digest = _authorizationDigest(
            RECEIVE_WITH_AUTHORIZATION_TYPEHASH,
            from,
            to,
            value,
            validAfter,
            validBefore,
            nonce
        );
        if (!Signatures.isValid(from, digest, v, r, s)) revert InvalidSignature(from);
        _useAuthorization(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        if (msg.sender != to) revert CallerIsNotPayee(msg.sender, to);
        bytes32 digest = _authorizationDigest(
            RECEIVE_WITH_AUTHORIZATION_TYPEHASH,
            from,
            to,
            value,
            validAfter,
            validBefore,
            nonce
        );
        if (!Signatures.isValid(from, digest, signature)) revert InvalidSignature(from);
        _useAuthorization(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = _cancellationDigest(authorizer, nonce);
        if (!Signatures.isValid(authorizer, digest, v, r, s)) revert InvalidSignature(authorizer);
        _cancelAuthorization(authorizer, nonce);
    }

    /// @inheritdoc IERC3009
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        bytes32 digest = _cancellationDigest(authorizer, nonce);
        if (!Signatures.isValid(authorizer, digest, signature)) revert InvalidSignature(authorizer);
        _cancelAuthorization(authorizer, nonce);
    }

    // Batches

    /// @inheritdoc IBatchTransfer
    function transferBatch(bytes32[] calldata payments) external returns (uint256, uint256) {
        return _transferBatch(msg.sender, payments, _batchTotal(payments));
    }

    /// @inheritdoc IBatchTransfer
    function transferFromBatch(
        address from,
        bytes32[] calldata payments
    ) external returns (uint256 settledAmount, uint256 returned) {
        uint256 total = _batchTotal(payments);
        bool finite = _spendAllowance(from, total);
        (settledAmount, returned) = _transferBatch(from, payments, total);
        if (finite && settledAmount != total) allowance[from][msg.sender] += total - settledAmount;
    }

    // Minters and bridges

    /// @inheritdoc IStablecoin
    function minterAllowance(
        address minter
    ) external view returns (uint256 available, uint256 capacity, uint256 windowSeconds) {
        TokenBucket.Bucket storage limit = _minters[minter];
        return (limit.available(), limit.capacity, limit.windowSeconds);
    }

    /// @inheritdoc IStablecoin
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc IStablecoin
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IStablecoin
    function crosschainMint(address to, uint256 amount) external restricted {
        _mint(to, amount);
        emit CrosschainMint(to, amount, msg.sender);
    }

    /// @inheritdoc IStablecoin
    function crosschainBurn(address from, uint256 amount) external restricted whenNotPaused {
        _spendAllowance(from, amount);
        _burn(from, amount);
        emit CrosschainBurn(from, amount, msg.sender);
    }

    /// @inheritdoc IStablecoin
    function configureMinter(address minter, uint96 capacity, uint24 windowSeconds) external restricted {
        _minters[minter].configure(capacity, windowSeconds);
        emit MinterConfigured(minter, capacity, windowSeconds);
    }

    /// @inheritdoc IStablecoin
    function setMintGuard(address guard) external restricted {
        emit MintGuardSet(address(mintGuard), guard);
        mintGuard = IMintGuard(guard);
    }

    // Compliance and pause

    /// @inheritdoc IStablecoin
    function isFrozen(address account) public view returns (bool) {
        return _balances[account] & FROZEN != 0;
    }

    /// @inheritdoc IStablecoin
    function freeze(address account) external restricted {
        if (isFrozen(account)) revert AccountIsFrozen(account);
        _balances[account] |= FROZEN;
        emit AccountFrozen(account);
    }

    /// @inheritdoc IStablecoin
    function unfreeze(address account) external restricted {
        if (account == address(0) || account == address(this)) revert ERC20InvalidReceiver(account);
        if (!isFrozen(account)) revert AccountIsNotFrozen(account);
        _balances[account] &= ~FROZEN;
        emit AccountUnfrozen(account);
    }

    /// @inheritdoc IStablecoin
    function pause() external restricted whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IStablecoin
    function unpause() external restricted {
        if (!paused) revert TokenIsNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return
            interfaceId == type(IBatchTransfer).interfaceId ||
            interfaceId == type(IERC7802).interfaceId ||
            interfaceId == type(IERC20).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    // Moving money

    function _transfer(address from, address to, uint256 amount) private whenNotPaused {
        _debit(from, amount);
        _credit(to, amount);
        emit Transfer(from, to, amount);
    }

    function _debit(address from, uint256 amount) private {
        uint256 word = _balances[from];
        if (word & FROZEN != 0) revert AccountIsFrozen(from);
        if (word < amount) revert ERC20InsufficientBalance(from, word, amount);
        unchecked {
            _balances[from] = word - amount;
        }
    }

    function _credit(address to, uint256 amount) private {
        uint256 word = _balances[to];
        if (word & FROZEN != 0) {
            if (to == address(0) || to == address(this)) revert ERC20InvalidReceiver(to);
            revert AccountIsFrozen(to);
        }
        unchecked {
            _balances[to] = word + amount;
        }
    }

    /// @dev Checks the size too. Cannot overflow: 256 amounts of 96 bits.
    function _batchTotal(bytes32[] calldata payments) private pure returns (uint256 total) {
        if (payments.length == 0 || payments.length > MAX_BATCH) {
            revert BatchSizeInvalid(payments.length, MAX_BATCH);
        }
        for (uint256 i = 0; i < payments.length; ++i) {
            unchecked {
                total += uint96(uint256(payments[i]));
            }
        }
    }

    function _transferBatch(
        address from,
        bytes32[] calldata payments,
        uint256 total
    ) private whenNotPaused returns (uint256 settledAmount, uint256 returned) {
        _debit(from, total);
        settledAmount = total;

        for (uint256 i = 0; i < payments.length; ++i) {
            address to = address(bytes20(payments[i]));
            uint256 amount = uint96(uint256(payments[i]));
            uint256 word = _balances[to];
            unchecked {
                if (word & FROZEN != 0) {
                    returned |= 1 << i;
                    settledAmount -= amount;
                } else {
                    _balances[to] = word + amount;
                    emit Transfer(from, to, amount);
                }
            }
        }

        unchecked {
            if (returned != 0) _balances[from] += total - settledAmount;
        }
    }

    function _mint(address to, uint256 amount) private whenNotPaused {
        (bool spent, uint256 available) = _minters[msg.sender].trySpend(amount);
        if (!spent) revert MintLimitExceeded(msg.sender, available, amount);

        uint256 supplyAfter = totalSupply + amount;
        totalSupply = supplyAfter;
        _credit(to, amount);
        emit Transfer(address(0), to, amount);

        IMintGuard guard = mintGuard;
        if (address(guard) != address(0)) guard.checkMint(address(this), supplyAfter);
    }

    function _burn(address from, uint256 amount) private {
        _debit(from, amount);
        unchecked {
            // No balance is larger than the supply.
            totalSupply -= amount;
        }
        emit Transfer(from, address(0), amount);
    }

    // Permissions given by holders

    function _approve(address owner, address spender, uint256 amount) private {
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        allowance[owner][spender] = amount;
        emit Approval(owner, spender, amount);
    }

    /// @return finite False when the allowance is without limit and was left as it is.
    function _spendAllowance(address owner, uint256 amount) private returns (bool finite) {
        uint256 allowed = allowance[owner][msg.sender];
        if (allowed == type(uint256).max) return false;
        if (allowed < amount) revert ERC20InsufficientAllowance(msg.sender, allowed, amount);
        unchecked {
            allowance[owner][msg.sender] = allowed - amount;
        }
        return true;
    }

    function _authorizationDigest(
        bytes32 typeHash,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private view returns (bytes32) {
        if (block.timestamp <= validAfter) revert AuthorizationNotYetValid(validAfter, block.timestamp);
        if (block.timestamp >= validBefore) revert AuthorizationExpired(validBefore, block.timestamp);
        return
            _hashTypedDataV4(keccak256(abi.encode(typeHash, from, to, value, validAfter, validBefore, nonce)));
    }

    function _cancellationDigest(address authorizer, bytes32 nonce) private view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce)));
    }

    function _useAuthorization(address authorizer, bytes32 nonce) private {
        _consumeAuthorization(authorizer, nonce);
        emit AuthorizationUsed(authorizer, nonce);
    }

    function _cancelAuthorization(address authorizer, bytes32 nonce) private {
        _consumeAuthorization(authorizer, nonce);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    function _consumeAuthorization(address authorizer, bytes32 nonce) private {
        if (authorizationState[authorizer][nonce]) revert AuthorizationAlreadyUsed(authorizer, nonce);
        authorizationState[authorizer][nonce] = true;
    }
}
