// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {IEscrow} from "../../../contracts/escrow/interfaces/IEscrow.sol";
import {Corridor} from "../support/Corridor.sol";

/// @notice The escrow of one stablecoin, terms to begin with, and signatures.
abstract contract EscrowTest is Corridor {
    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant PAYEE_KEY = 0xB0B;

    Escrow internal escrow;
    address internal payer = vm.addr(PAYER_KEY);
    address internal payee = vm.addr(PAYEE_KEY);
    address internal operator = address(0x3001);
    address internal feeRecipient = address(0x3002);
    address internal arbiter = address(0x3003);

    function setUp() public virtual override {
        super.setUp();
        escrow = new Escrow(address(manager), address(router));
        coin.mint(payer, type(uint96).max);
        vm.prank(payer);
        coin.approve(address(escrow), type(uint256).max);
        vm.prank(payee);
        coin.approve(address(escrow), type(uint256).max);
    }

    /// @dev With an operator, an arbiter, and a fee that the operator may choose.
    function terms(uint96 amount) internal view returns (IEscrow.Terms memory result) {
        result.payer = payer;
        result.payee = payee;
        result.token = address(coin);
        result.amount = amount;
        result.operator = operator;
        result.authorizationExpiry = uint40(block.timestamp + 1 days);
        result.captureExpiry = uint40(block.timestamp + 2 days);
        result.refundExpiry = uint40(block.timestamp + 3 days);
        result.maxFeeBps = 10_000;
        result.feeRecipient = feeRecipient;
        result.arbiter = arbiter;
        result.rulingPeriodSeconds = 1 days;
    }

    function authorize(IEscrow.Terms memory what, uint256 amount) internal {
        vm.prank(payer);
        escrow.authorize(what, amount);
    }

    function hashOf(IEscrow.Terms memory what) internal view returns (bytes32) {
        bytes memory first = abi.encode(
            escrow.TERMS_TYPEHASH(),
            what.payer,
            what.payee,
            what.token,
            what.amount,
            what.operator,
            what.authorizationExpiry,
            what.captureExpiry,
            what.refundExpiry
        );
        bytes memory second = abi.encode(
            what.minFeeBps,
            what.maxFeeBps,
            what.feeRecipient,
            what.arbiter,
            what.rulingPeriodSeconds,
            what.defaultPayeeBps,
            what.hashLock,
            what.salt,
            keccak256(abi.encodePacked(what.milestones))
        );
        return keccak256(bytes.concat(first, second));
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        (, string memory name, string memory version, uint256 chainId, address verifier, , ) = escrow.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(structHash));
        return abi.encodePacked(r, s, v);
    }

    function releaseHash(bytes32 escrowId, IEscrow.Split memory split) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    escrow.RELEASE_TYPEHASH(),
                    escrowId,
                    split.payeeAmount,
                    split.payerAmount,
                    split.feeBps,
                    split.deadline
                )
            );
    }
}
