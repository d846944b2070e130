// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {IEscrow} from "../../../contracts/escrow/interfaces/IEscrow.sol";
import {PaymentRouter} from "../../../contracts/payments/PaymentRouter.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Test} from "../support/Test.sol";

/**
 * @notice Random lives of a few escrows in two tokens. Everybody tries every verb on every escrow at any time, entitled or
 * not; compliance freezes, the guardian pauses, and what each verb moved is written down.
 * @dev In a test file of its own, because the runner knows the contracts of test files only.
 */
contract EscrowActions is Test {
    enum Verb {
        Capture,
        CaptureWithPreimage,
        Void,
        Reclaim,
        Refund,
        OpenDispute,
        Rule,
        ResolveByDefault
    }

    /// @dev What went where, refunds apart; and whether it is over.
    struct Flow {
        uint256 deposited;
        uint256 toPayer;
        uint256 toPayee;
        uint256 toFeeRecipient;
        uint256 refunded;
        uint256 captures;
        uint256 funded;
        bool ended;
    }

    uint256 public constant ESCROWS = 16;
    uint96 private constant AMOUNT = 1e12;
    bytes32 private constant PREIMAGE = keccak256("preimage");

    Escrow private immutable escrow;
    PaymentRouter private immutable router;
    Stablecoin private immutable coin;
    IERC20 private immutable plain;
    address private immutable test = msg.sender;
    uint256 private immutable startedAt = block.timestamp;

    address public immutable payer = address(0x1001);
    address public immutable payee = address(0x1002);
    address public immutable operator = address(0x1003);
    address public immutable arbiter = address(0x1004);
    address public immutable feeRecipient = address(0x1005);
    address public immutable stranger = address(0x1006);

    /// @dev In seconds. The runner's own clock is not the same when it checks the invariants.
    uint256 public elapsed;
    bool public movedByStranger;
    bool public movedAfterTheEnd;
    bool public grewRefundable;
    mapping(uint256 index => Flow) private _flows;

    modifier onTime() {
        vm.warp(startedAt + elapsed);
        _;
    }

    constructor(Escrow escrow_, PaymentRouter router_, Stablecoin coin_, IERC20 plain_) {
        (escrow, router, coin, plain) = (escrow_, router_, coin_, plain_);
        address[3] memory spenders = [payer, payee, operator];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j < 2; ++j) {
                IERC20 token = j == 0 ? IERC20(address(coin_)) : plain_;
                vm.prank(spenders[i]);
                token.approve(address(escrow_), type(uint256).max);
                vm.prank(spenders[i]);
                token.approve(address(router_), type(uint256).max);
            }
        }
    }

    function flowOf(uint256 index) external view returns (Flow memory) {
        return _flows[index];
    }

    function actors() public view returns (address[6] memory) {
        return [payer, payee, operator, arbiter, feeRecipient, stranger];
    }

    /// @dev Of four kinds: with an operator; with milestones and an arbiter; hash-locked; with an arbiter and no operator.
    function termsOf(uint256 index) public view returns (IEscrow.Terms memory terms) {
        uint256 kind = index % 4;
        terms.payer = payer;
        terms.payee = payee;
        terms.token = (index / 4) % 2 == 0 ? address(coin) : address(plain);
        terms.amount = AMOUNT;
        if (kind < 2) terms.operator = operator;
        terms.authorizationExpiry = uint40(startedAt + 4 days);
        terms.captureExpiry = uint40(startedAt + 6 days);
        terms.refundExpiry = uint40(startedAt + 12 days);
        if (kind != 3) (terms.minFeeBps, terms.maxFeeBps, terms.feeRecipient) = (100, 300, feeRecipient);
        if (kind % 2 == 1) {
            (terms.arbiter, terms.rulingPeriodSeconds, terms.defaultPayeeBps) = (arbiter, 2 days, 3_333);
        }
        if (kind == 2) terms.hashLock = sha256(abi.encode(PREIMAGE));
        if (kind == 1) {
            terms.milestones = new uint96[](3);
            (terms.milestones[0], terms.milestones[1]) = (AMOUNT / 7, AMOUNT / 3);
            terms.milestones[2] = AMOUNT - terms.milestones[0] - terms.milestones[1];
        }
        terms.salt = index;
    }

    /// @dev The payer's own doing, by its allowance, the router, or all at once.
    function fund(uint8 index, uint96 amount, uint8 way) external onTime {
        index = uint8(index % ESCROWS);
        IEscrow.Terms memory terms = termsOf(index);
        amount = uint96(terms.milestones.length != 0 ? AMOUNT : bound(amount, 1, AMOUNT));
        bytes32 escrowId = escrow.escrowIdOf(terms);
        uint256[3] memory before = _holdings(terms.token);
        bool success;
        vm.prank(payer);
        if (way % 3 == 0) {
            (success, ) = address(escrow).call(abi.encodeCall(IEscrow.authorize, (terms, amount)));
        } else if (way % 3 == 1) {
            bytes memory call = abi.encodeCall(
                PaymentRouter.payInto,
                (terms.token, address(escrow), amount, escrowId, abi.encode(terms))
            );
            (success, ) = address(router).call(call);
        } else {
            (success, ) = address(escrow).call(abi.encodeCall(IEscrow.charge, (terms, amount, terms.minFeeBps)));
        }
        if (!success) return;

        Flow storage flow = _flows[index];
        if (flow.ended) movedAfterTheEnd = true;
        flow.deposited += amount;
        ++flow.funded;
        if (way % 3 == 2) {
            ++flow.captures;
            _book(flow, terms.token, before);
        }
        _noteEnd(flow, escrowId);
    }

    /// @dev Anybody tries anything.
    function act(uint8 index, uint8 verb, uint8 who, uint96 amount, uint16 bps) external onTime {
        index = uint8(index % ESCROWS);
        Verb what = Verb(verb % 8);
        address caller = actors()[who % 6];
        IEscrow.Terms memory terms = termsOf(index);
        bytes32 escrowId = escrow.escrowIdOf(terms);
        IEscrow.State memory state = escrow.stateOf(escrowId);
        uint256[3] memory before = _holdings(terms.token);
        bytes memory call = _callOf(what, terms, state, amount, bps);
        vm.prank(caller);
        (bool success, ) = address(escrow).call(call);
        if (!success) return;

        if (!_mayAct(what, caller, terms)) movedByStranger = true;
        Flow storage flow = _flows[index];
        if (flow.ended && what != Verb.Refund) movedAfterTheEnd = true;
        if (what == Verb.Refund) {
            uint256 refunded = state.refundable - escrow.stateOf(escrowId).refundable;
            if (escrow.stateOf(escrowId).refundable >= state.refundable) grewRefundable = true;
            flow.refunded += refunded;
        } else {
            if (what == Verb.Capture || what == Verb.CaptureWithPreimage || what >= Verb.Rule) ++flow.captures;
            _book(flow, terms.token, before);
        }
        _noteEnd(flow, escrowId);
    }

    function withdrawCredit(uint8 who, bool ofCoin) external onTime {
        address token = ofCoin ? address(coin) : address(plain);
        try escrow.withdrawCredit(token, actors()[who % 6]) {} catch {}
    }

    function toggleFreeze(uint8 who) external {
        address account = actors()[who % 6];
        if (coin.isFrozen(account)) coin.unfreeze(account);
        else coin.freeze(account);
    }

    function togglePause() external {
        if (escrow.paused()) escrow.unpause();
        else escrow.pause();
    }

    function wait(uint24 time) external {
        elapsed += time % 1 days;
    }

    /// @dev Without anybody's help: time, and what anybody may call. No action, but the last thing that the test does.
    function drain() external {
        if (msg.sender != test) return;
        vm.warp(startedAt + elapsed + 365 days);
        for (uint256 i = 0; i < ESCROWS; ++i) {
            IEscrow.Terms memory terms = termsOf(i);
            IEscrow.Status status = escrow.stateOf(escrow.escrowIdOf(terms)).status;
            if (status == IEscrow.Status.Open) escrow.reclaim(terms);
            if (status == IEscrow.Status.Disputed) escrow.resolveByDefault(terms);
        }
        for (uint256 i = 0; i < 6; ++i) {
            address account = actors()[i];
            if (coin.isFrozen(account)) coin.unfreeze(account);
            if (escrow.creditOf(account, address(coin)) != 0) escrow.withdrawCredit(address(coin), account);
            if (escrow.creditOf(account, address(plain)) != 0) escrow.withdrawCredit(address(plain), account);
        }
    }

    function _callOf(
        Verb what,
        IEscrow.Terms memory terms,
        IEscrow.State memory state,
        uint256 amount,
        uint256 bps
    ) private pure returns (bytes memory) {
        uint256 part = bound(amount, 1, AMOUNT);
        if (what == Verb.Capture) {
            uint256 next = terms.milestones.length;
            if (next != 0 && state.milestonesLeft != 0 && bps % 4 != 0) {
                part = terms.milestones[next - state.milestonesLeft];
            } else if (bps % 4 == 1) {
                part = state.capturable;
            }
            return abi.encodeCall(IEscrow.capture, (terms, part, bps % 2 == 0 ? terms.minFeeBps : bps % 400));
        }
        if (what == Verb.CaptureWithPreimage) {
            return abi.encodeCall(IEscrow.captureWithPreimage, (terms, bps % 2 == 0 ? PREIMAGE : bytes32(amount)));
        }
        if (what == Verb.Void) return abi.encodeCall(IEscrow.void, (terms));
        if (what == Verb.Reclaim) return abi.encodeCall(IEscrow.reclaim, (terms));
        if (what == Verb.Refund) return abi.encodeCall(IEscrow.refund, (terms, bps % 2 == 0 ? state.refundable : part));
        if (what == Verb.OpenDispute) return abi.encodeWithSignature(_name("openDispute(", ",bytes32)"), terms, 0);
        if (what == Verb.Rule) {
            return abi.encodeWithSignature(_name("rule(", ",uint256,bytes32)"), terms, bps % 10_001, 0);
        }
        return abi.encodeWithSignature(_name("resolveByDefault(", ")"), terms);
    }

    function _name(string memory first, string memory last) private pure returns (string memory) {
        string memory terms =
            "(address,address,address,uint96,address,uint40,uint40,uint40,uint16,uint16,address,address,uint32,uint16,bytes32,uint256,uint96[])";
        return string.concat(first, terms, last);
    }

    /// @dev As the documentation says who may do what.
    function _mayAct(Verb what, address caller, IEscrow.Terms memory terms) private view returns (bool) {
        if (what == Verb.Capture) return caller == payer || caller == terms.operator;
        if (what == Verb.Void || what == Verb.Refund) return caller == payee || caller == terms.operator;
        if (what == Verb.OpenDispute) return caller == payer || caller == payee;
        if (what == Verb.Rule) return caller == terms.arbiter;
        return true;
    }

    /// @dev Of payer, payee and fee recipient: what they have or are owed.
    function _holdings(address token) private view returns (uint256[3] memory holdings) {
        address[3] memory parties = [payer, payee, feeRecipient];
        for (uint256 i = 0; i < 3; ++i) {
            holdings[i] = IERC20(token).balanceOf(parties[i]) + escrow.creditOf(parties[i], token);
        }
    }

    function _book(Flow storage flow, address token, uint256[3] memory before) private {
        uint256[3] memory holdings = _holdings(token);
        if (holdings[0] > before[0]) flow.toPayer += holdings[0] - before[0];
        flow.toPayee += holdings[1] - before[1];
        flow.toFeeRecipient += holdings[2] - before[2];
    }

    function _noteEnd(Flow storage flow, bytes32 escrowId) private {
        IEscrow.Status status = escrow.stateOf(escrowId).status;
        if (status == IEscrow.Status.None || status == IEscrow.Status.Closed) flow.ended = true;
    }
}
