/** A sentence in each language that Corridor speaks. */
export interface Sentence {
  en: string;
  zh: string;
}

/**
 * The codes of the ISO 20022 external code set `ExternalStatusReason1Code` that Corridor gives, each with what it
 * means here. They stand in pain.002 as `StsRsnInf/Rsn/Cd` and in the API as `reason.code`.
 */
export const reasons = {
  AC01: {
    en: 'The account number is wrong: its checksum or its format does not fit.',
    zh: '账号有误：校验码或格式不正确。',
  },
  AC02: {
    en: 'The debtor account is not known or cannot be debited by this partner.',
    zh: '付款账户不存在，或该合作方无权从中付款。',
  },
  AC03: {
    en: 'The creditor account is not known: register it as a beneficiary first, or name a wallet.',
    zh: '收款账户未知：请先登记为收款人，或直接填写钱包地址。',
  },
  AC06: {
    en: 'The recipient account is frozen; the money stayed with the payer.',
    zh: '收款账户已被冻结；款项仍在付款人账上。',
  },
  AM01: { en: 'The amount is zero.', zh: '付款金额为零。' },
  AM03: { en: 'There is no corridor for this currency.', zh: '该币种没有可用的支付通道。' },
  AM04: { en: 'The debtor account has too little money.', zh: '付款账户余额不足。' },
  AM05: {
    en: 'A payment with this EndToEndId was already given: it is not carried out twice.',
    zh: '该端到端编号（EndToEndId）已被使用：同一笔付款不会重复执行。',
  },
  CUST: { en: 'The payment was cancelled at the request of the customer.', zh: '付款已应客户要求取消。' },
  DT01: { en: 'The requested execution date is not valid.', zh: '要求的执行日期无效。' },
} as const satisfies Record<string, Sentence>;

export type ReasonCode = keyof typeof reasons;

/** What `code` means, undefined when Corridor does not give it. */
export function reasonSentence(code: string): Sentence | undefined {
  return Object.hasOwn(reasons, code) ? reasons[code as ReasonCode] : undefined;
}
