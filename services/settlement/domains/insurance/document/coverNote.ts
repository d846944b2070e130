/** What a cover note says, in English and Chinese: from the policy and the words of its product. */

import type { Deployment } from '../../../../core/deployment.ts';
import { payoutOf } from '../../../../core/insurance/premium.ts';
import {
  COVER_CURRENCY,
  type CoverProduct,
  formatObservation,
  type Language,
} from '../../../../core/insurance/product.ts';
import { formatMoney } from '../../../../core/money.ts';
import type { PolicyRow } from '../store.ts';

export interface CoverNote {
  title: string;
  subtitle: string;
  sections: { heading: string; rows: [name: string, value: string][] }[];
  tiers: { heading: string; columns: string[]; rows: string[][] };
  notes: { heading: string; paragraphs: string[] }[];
  footer: string;
}

/** Policies that the contract has: others have no cover note. */
export type IssuedPolicy = PolicyRow & {
  policy_number: bigint;
  risk_number: bigint;
  premium_units: bigint;
  capital_charge_units: bigint;
  insured_units: bigint;
  issued_transaction: string;
};

export function isIssued(row: PolicyRow): row is IssuedPolicy {
  return row.policy_number !== null;
}

/** @param partnerName Who sold it, and pays. */
export function coverNoteOf(
  policy: IssuedPolicy,
  product: CoverProduct,
  { chainId, parametricCover, oracleHub, coverPool }: Deployment,
  partnerName: string,
  language: Language,
): CoverNote {
  const words = product.words[language];
  const say = texts[language];
  const time = (seconds: bigint) =>
    `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const money = (units: bigint) => `${formatMoney({ currency: COVER_CURRENCY, units })} ${COVER_CURRENCY}`;
  const number = String(policy.policy_number);
  const reaches = product.operator === 'atLeast' ? say.atLeast : say.atMost;
  return {
    title: say.title,
    subtitle: `${words.name} · ${say.policyNumber} ${number}`,
    sections: [
      {
        heading: say.parties,
        rows: [
          [say.policyNumber, `${number} (${policy.id})`],
          ...(policy.reference === null ? [] : [[say.reference, policy.reference] as [string, string]]),
          [say.holder, policy.holder],
          [say.buyer, `${partnerName}, ${policy.buyer}`],
        ],
      },
      {
        heading: say.cover,
        rows: [
          [say.event, words.event],
          [words.subject, policy.subject],
          [say.window, `${time(policy.window_start)} – ${time(policy.window_end)}`],
          [say.insured, money(policy.insured_units)],
          [
            say.premium,
            `${money(policy.premium_units)} (${say.charge} ${money(policy.capital_charge_units)})`,
          ],
          [say.waiting, say.waitingUntil(time(policy.sale_closes_at))],
          [say.source, words.source],
        ],
      },
    ],
    tiers: {
      heading: say.tiers,
      columns: [say.observation, say.payoutPercent, say.payout],
      rows: product.tiers.map(({ threshold, payoutBps }) => [
        `${reaches} ${formatObservation(product, threshold)} ${words.unit}`,
        `${formatObservation({ decimals: 2 }, payoutBps)} %`,
        money(payoutOf(policy.insured_units, payoutBps)),
      ]),
    },
    notes: [
      {
        heading: say.payment,
        paragraphs: [
          say.how,
          say.silence(time(policy.window_end + BigInt(product.graceSeconds))),
          say.cancel,
        ],
      },
      {
        heading: say.verify,
        paragraphs: [
          say.where(chainId, parametricCover),
          say.issued(policy.issued_transaction),
          say.look(number, String(policy.risk_number)),
          say.observed(oracleHub, product.feed),
          say.money(coverPool),
        ],
      },
    ],
    footer: say.footer,
  };
}

const texts = {
  en: {
    title: 'Cover note',
    policyNumber: 'Policy no.',
    reference: 'Reference',
    parties: 'Parties',
    holder: 'Insured (policy holder)',
    buyer: 'Bought and paid by',
    cover: 'Cover',
    event: 'Insured event',
    window: 'Window',
    insured: 'Sum insured',
    premium: 'Premium',
    charge: 'of which capital charge',
    waiting: 'Waiting period',
    waitingUntil: (time: string) =>
      `From ${time} until the window begins. Until then the holder can cancel; afterwards nobody can.`,
    source: 'Observed by',
    tiers: 'What is paid',
    observation: 'Observation',
    payoutPercent: 'Of the sum insured',
    payout: 'Payout',
    atLeast: 'at least',
    atMost: 'at most',
    payment: 'Payment',
    how: 'The severest tier that the observation reaches counts. Nobody has to file a claim and nobody decides: when the oracle has the observation, the contract pays the holder.',
    silence: (time: string) =>
      `If nothing has been observed by ${time}, the premium without the capital charge goes back to who paid it.`,
    cancel:
      'A cancellation gives back the premium without the capital charge, in proportion to what is given up.',
    verify: 'How to verify it on the chain',
    where: (chainId: number, cover: string) => `Contract ParametricCover on chain ${chainId}: ${cover}`,
    issued: (hash: string) => `Issued by the transaction ${hash}`,
    look: (number: string, risk: string) =>
      `Ask the contract: policyOf(${number}) has holder and sum insured (in steps of 0.01) until it is paid, riskOf(${risk}) the window and, once it is settled, the payout in hundredths of a percent.`,
    observed: (hub: string, feed: string) =>
      `The observation stands in OracleHub ${hub}, feed "${feed}": tryReadObservation with subject and window.`,
    money: (pool: string) => `The capital for the largest payout is locked in CoverPool ${pool}.`,
    footer: 'The contract decides. Where this note and the contract differ, the contract is right.',
  },
  zh: {
    title: '承保通知书',
    policyNumber: '保单号',
    reference: '参考号',
    parties: '当事人',
    holder: '被保险人（保单持有人）',
    buyer: '投保人（缴费方）',
    cover: '保障内容',
    event: '保险事故',
    window: '承保时段',
    insured: '保险金额',
    premium: '保险费',
    charge: '其中资本占用费',
    waiting: '等待期',
    waitingUntil: (time: string) => `自 ${time} 起至承保时段开始。此前持有人可以退保，此后任何人均不能退保。`,
    source: '观测来源',
    tiers: '赔付标准',
    observation: '观测值',
    payoutPercent: '占保险金额比例',
    payout: '赔付金额',
    atLeast: '不低于',
    atMost: '不高于',
    payment: '赔付与退保',
    how: '以观测值所达到的最高一档为准。无需报案，亦无人裁量：预言机取得观测值后，由合约直接向持有人赔付。',
    silence: (time: string) => `如到 ${time} 仍无观测值，保险费扣除资本占用费后退还缴费方。`,
    cancel: '退保时，按所退保险金额的比例退还保险费（不含资本占用费）。',
    verify: '如何在链上核验',
    where: (chainId: number, cover: string) => `ParametricCover 合约（链 ${chainId}）：${cover}`,
    issued: (hash: string) => `出单交易：${hash}`,
    look: (number: string, risk: string) =>
      `向合约查询：赔付前 policyOf(${number}) 给出持有人与保险金额（以 0.01 为单位），riskOf(${risk}) 给出承保时段，结算后另有赔付比例（以万分之一为单位）。`,
    observed: (hub: string, feed: string) =>
      `观测值保存在 OracleHub ${hub} 的数据源 ${feed} 中：以标的与时段调用 tryReadObservation 查询。`,
    money: (pool: string) => `最高赔付所需资金已锁定在 CoverPool ${pool}。`,
    footer: '一切以合约为准。本通知书与合约不一致的，以合约为准。',
  },
} satisfies Record<Language, Record<string, unknown>>;
