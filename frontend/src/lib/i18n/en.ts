/** English. The shape of this object is the shape of every language. */
export const en = {
  language: { name: 'English', switchTo: 'Language' },
  app: {
    skipToContent: 'Skip to content',
    mainNavigation: 'Main',
    nav: { wallet: 'Wallet', pay: 'Pay', activity: 'Activity', partner: 'Partner' },
    theme: { label: 'Appearance', system: 'As the device', light: 'Light', dark: 'Dark' },
    localChain: 'Local test chain',
    chain: (id: number) => `Chain ${id}`,
    loading: 'Loading …',
    retry: 'Try again',
    notFound: {
      title: 'There is nothing here',
      text: 'The address of this page is wrong, or the page has moved.',
      home: 'Go to the wallet',
    },
    crash: {
      title: 'Something broke on this page',
      text: 'Your money is not affected: nothing is sent without your signature. Load the page again; if it breaks again, pass on the words below.',
      reload: 'Load again',
    },
    noConfig: {
      title: 'Corridor could not start',
      text: 'The file /app-config.json is missing or wrong. Start Corridor with “npm start”, then load this page again.',
    },
  },
  address: {
    copy: 'Copy',
    copied: 'Copied',
    copyLabel: (what: string) => `Copy ${what}`,
    you: 'you',
    yourAddress: 'your address',
  },
  connect: {
    title: 'Pay anyone, anywhere, and see it become final',
    text: 'Corridor moves dollars, euros and offshore yuan as stablecoins. Each payment takes effect exactly once, and anybody can check it.',
    points: {
      once: { title: 'Exactly once', text: 'The contract refuses the second time.' },
      final: { title: 'Final in seconds', text: 'You see each step until nothing can undo it.' },
      own: { title: 'Your own keys', text: 'One signature a payment, no standing approvals.' },
    },
    heading: 'Connect a wallet',
    none: 'No wallet was found in this browser. Install one that supports EIP-6963, such as MetaMask or Rabby, then load this page again.',
    noneLocal: 'No wallet extension was found in this browser. The test wallet below needs none.',
    testWallet: 'Use the test wallet',
    testWalletHint: 'For testing only. Its key lies readable in this browser: never send real money to it.',
    connecting: 'Waiting for the wallet …',
    connectWith: (name: string) => `Connect ${name}`,
  },
  account: {
    label: 'Account',
    disconnect: 'Disconnect',
    testBadge: 'Test wallet',
    testHint: 'For testing only: the key lies readable in this browser.',
  },
  network: {
    wrongTitle: 'Your wallet is on another network',
    wrongText: (isLocal: boolean, id: number) =>
      `Corridor runs on ${isLocal ? 'the local test chain' : 'chain'} ${id}. Switch the network to see and move your money.`,
    switch: 'Switch network',
  },
  coins: {
    USD: 'US dollar',
    EUR: 'Euro',
    CNY: 'Offshore yuan',
  } as Record<string, string>,
  wallet: {
    title: 'Wallet',
    balances: 'Balances',
    frozen: 'Frozen',
    fees: (amount: string) => `For network fees: ${amount} ETH`,
    pay: 'Pay',
    recent: 'Latest activity',
    all: 'See all',
    faucet: {
      title: 'Get test money',
      text: '1,000 of each coin, and 1 ETH for network fees. It is worth nothing.',
      button: 'Get test money',
      sending: 'Sending test money …',
      done: 'Test money has arrived.',
    },
  },
  pay: {
    title: 'Pay',
    coin: 'Coin',
    recipient: 'Recipient',
    recipientHint: 'A wallet address: 0x and 40 characters.',
    amount: 'Amount',
    available: (amount: string, symbol: string) => `Available: ${amount} ${symbol}`,
    all: 'All of it',
    reference: 'Reference',
    optional: 'optional',
    referenceHint: 'Stands on the chain for everybody to read, for example an invoice number.',
    bytesLeft: (left: number) => `${left} bytes left`,
    sponsored: 'Corridor pays the network fee',
    sponsoredHint: 'You only sign, and need no ETH. Corridor sends the payment for you.',
    review: 'Review payment',
    checking: 'Checking …',
    faults: {
      recipientMissing: 'Enter the address of the recipient.',
      recipientInvalid: 'This is not an address. Expected: 0x and 40 characters from 0 to 9 and a to f.',
      recipientChecksum:
        'The capital letters of this address do not fit: a character is probably wrong. Copy the address again from its source.',
      recipientZero:
        'Nobody owns this address: money sent there is lost. Enter the address of a person or company.',
      recipientToken:
        'This is the address of a contract of Corridor, not of a person: money sent there would be lost.',
      recipientSelf: 'This is your own address. Enter the address of the person you want to pay.',
      amountMissing: 'Enter an amount.',
      amountMalformed: 'Enter digits with at most one point, for example 125.50.',
      amountDigits: (digits: number) => `Enter at most ${digits} digits after the point.`,
      amountZero: 'Enter an amount above zero.',
      amountTooHigh: (balance: string, symbol: string) =>
        `You have ${balance} ${symbol}. Enter a smaller amount, or get more ${symbol} first.`,
      referenceTooLong: 'The reference is too long: 32 bytes at most (about 10 Chinese characters).',
    },
  },
  preview: {
    title: 'Check before you sign',
    sentence: (p: { amount: string; recipient: string; reference?: string; fee: string }) =>
      `You pay ${p.amount} to ${p.recipient}${p.reference ? `, reference ${p.reference}` : ''}. Network fee about ${p.fee}. It takes effect once; it cannot be undone.`,
    sponsoredSentence: (p: { amount: string; recipient: string; reference?: string; fee: string }) =>
      `You pay ${p.amount} to ${p.recipient}${p.reference ? `, reference ${p.reference}` : ''}. Corridor pays the network fee. It takes effect once; it cannot be undone.`,
    feeByCorridor: 'Paid by Corridor',
    simulated: 'Tried out on the chain’s present state: it will go through.',
    to: 'To',
    amount: 'Amount',
    reference: 'Reference',
    noReference: 'None',
    fee: 'Network fee, about',
    after: 'Your balance afterwards',
    permit:
      'Your wallet asks twice: first for a permission over exactly this amount, valid for 20 minutes, then for the payment that uses it up.',
    authorization:
      'Your wallet asks once, for a signature and not for a transaction. What you sign (“ReceiveWithAuthorization”) lets Corridor’s payment contract take exactly this amount within 20 minutes, and hand it to exactly this recipient with this reference. Whoever sends it on can change nothing of it, and it works once.',
    handedIn:
      'You have signed, and whether the payment was taken is not known yet. Press the button again: the same signature is handed in again, so you cannot pay twice.',
    testSigns: 'The test wallet signs without asking.',
    sign: 'Sign and pay',
    edit: 'Change',
    signing: {
      permit: 'Confirm the permission in your wallet (1 of 2) …',
      approve: 'Confirm the permission in your wallet (1 of 2) …',
      pay: 'Confirm the payment in your wallet (2 of 2) …',
      simulate: 'Trying it out …',
      authorize: 'Sign the payment in your wallet …',
      handIn: 'Handing it in …',
    },
    stopped: {
      perhapsSent: {
        title: 'The payment may have been sent',
        text: (detail: string) =>
          `Your wallet was asked to send it, and then this came: “${detail}”. Look at Activity and in your wallet first. Pay again only if the payment is in neither.`,
        toActivity: 'Look at Activity',
      },
      approvalRemains: {
        title: (amount: string) => `An approval of exactly ${amount} remains`,
        text: 'Only a payment that you sign can use it. Sign and pay again to use it, or revoke it in your wallet.',
      },
      approvalPerhaps: {
        title: (amount: string) => `An approval of exactly ${amount} may remain`,
        text: 'Only a payment that you sign can use it. Your wallet shows whether it is there, and can revoke it.',
      },
    },
  },
  payment: {
    title: 'Payment',
    headline: {
      signed: 'Sent to the network',
      included: 'In a block',
      final: 'Final',
      failed: 'It did not go through',
      lost: 'Not known to the network',
    },
    text: {
      signed: 'The payment is signed and waits for a block. You can close this page: it goes on without you.',
      included: (done: number, depth: number) =>
        `${done} of ${depth} blocks stand on top of it. After ${depth} it can no longer be undone.`,
      final: 'Nothing can undo it any more.',
      failed:
        'The chain refused it: no money was moved, only the network fee was spent. Check your balance and pay again.',
      lost: 'The network does not know this transaction. If you have just signed, wait a moment. Otherwise it was dropped: no money was moved.',
    },
    steps: { signed: 'Signed', included: 'Included in block', final: 'Final' },
    progress: 'Progress',
    inBlock: (number: string) => `Block ${number}`,
    confirmations: (done: number, depth: number) => `${done} of ${depth} blocks`,
    amount: 'Amount',
    from: 'From',
    to: 'To',
    reference: 'Reference',
    time: 'Time',
    block: 'Block',
    blockHash: 'Block hash',
    network: 'Network',
    transaction: 'Transaction',
    fee: 'Network fee',
    proof: 'Proof',
    proofText: 'Anybody can check this payment on the chain by these numbers.',
    print: 'Print receipt',
    again: 'Pay again',
    toActivity: 'See all activity',
    batch: (count: number) => `This transaction moved money to ${count} recipients. Yours are shown.`,
    nothing: 'This transaction moved none of the coins that Corridor knows.',
  },
  sponsored: {
    headline: {
      accepted: 'Signed and handed in',
      processing: 'Sent to the network',
      settled: 'Final',
      failed: 'It was not paid',
    },
    text: {
      accepted:
        'Corridor has your signed payment and sends it. You can close this page: it goes on without you.',
      processing: 'Corridor has sent it and pays the fee. It is final when enough blocks stand on top of it.',
      settled: 'Nothing can undo it any more.',
      failed: 'No money was moved by this payment.',
    },
    steps: { signed: 'Signed by you', sent: 'Sent by Corridor', final: 'Final' },
    reasons: {
      expired:
        'Your signature was valid for 20 minutes, and the network did not take the payment in that time. Sign again.',
      cancelled: 'You have cancelled this authorisation on the network. Sign again if you still want to pay.',
      used_elsewhere: 'The same authorisation was used for another payment. Look at Activity.',
    },
  },
  activity: {
    title: 'Activity',
    sent: 'Sent',
    received: 'Received',
    minted: 'Issued',
    from: (who: string) => `from ${who}`,
    to: (who: string) => `to ${who}`,
    issued: 'to you',
    final: 'Final',
    settling: 'Settling',
    empty: {
      title: 'Nothing yet',
      text: 'Your payments appear here as soon as they are in a block.',
      action: 'Make a payment',
    },
    older: 'Show older',
    complete: (from: string) => `Everything since block ${from} is shown.`,
  },
  partner: {
    title: 'Partner',
    intro:
      'How a bank or a company sees Corridor: its payments through the settlement API, its accounts and its books.',
    noSandbox: {
      title: 'No demo partner here',
      text: 'The demo partner lives in the sandbox, which this installation does not have.',
    },
    tabs: { payments: 'Payments', accounts: 'Accounts', webhooks: 'Webhooks' },
    filter: 'Status',
    all: 'All',
    statuses: {
      accepted: 'Accepted',
      processing: 'Processing',
      settled: 'Settled',
      failed: 'Failed',
      returned: 'Returned',
    } as Record<string, string>,
    columns: {
      creditor: 'Creditor',
      endToEndId: 'EndToEndId',
      amount: 'Amount',
      status: 'Status',
      created: 'Received',
    },
    empty: {
      title: 'No payments',
      text: 'The partner has sent no payment with this status yet. “npm start” sends a whole file.',
    },
    more: 'Show more',
    payment: {
      title: 'Partner payment',
      reason: (code: string, text: string) => `${code}: ${text}`,
      details: 'Details',
      timeline: 'From request to webhook',
      account: 'Creditor account',
      debtor: 'Debtor account',
      remittance: 'Remittance information',
      sequence: 'Sequence',
      batch: 'Payment batch',
      onChain: 'See it on the chain',
      statusReport: 'Download pain.002',
      webhook: (type: string) => `Webhook ${type}`,
      webhookVerified: (attempts: number) =>
        attempts === 1
          ? 'Received, signature verified'
          : `Received, signature verified (${attempts} attempts)`,
      noWebhooks: 'The sandbox has verified no webhook for this payment yet.',
    },
    states: {
      received: 'Received',
      screened: 'Screened',
      reserved: 'Money reserved',
      batched: 'Put into a batch',
      signed: 'Signed',
      broadcast: 'Sent to the network',
      included: 'In a block',
      final: 'Final',
      posted: 'Posted in the ledger',
      rejected: 'Rejected',
      cancelled: 'Cancelled',
      returned: 'Returned',
      held: 'Held for a person to look at',
    } as Record<string, string>,
    eventDetails: {
      transactionHash: 'Transaction',
      nonce: 'Nonce',
      blockNumber: 'Block',
      blockHash: 'Block hash',
      reorganisedBlockHash: 'Block that was replaced',
      settlementBatchId: 'Settlement batch',
      sequence: 'Sequence',
      reason: 'Reason',
      detail: 'In words',
    } as Record<string, string>,
    accounts: {
      posted: 'Booked',
      held: 'Reserved',
      available: 'Available',
      statement: 'Download camt.053',
      statementDate: 'Day of the statement',
      empty: { title: 'No accounts', text: 'The partner has no funding account yet.' },
    },
    reconciliation: {
      title: 'Reconciliation',
      balanced: 'The books agree with the chain',
      breaks: (count: number) => (count === 1 ? '1 open difference' : `${count} open differences`),
      kinds: {
        amount: 'The amounts differ',
        missing_inside: 'On the chain, not in the books',
        missing_outside: 'In the books, not on the chain',
        index: 'Index and chain differ',
        holds: 'Reserved money does not add up',
      } as Record<string, string>,
      difference: (observed: string, expected: string) => `found ${observed}, expected ${expected}`,
      never: 'Not run yet',
      at: (time: string, block: string) => `Checked ${time}, block ${block}`,
    },
    webhooks: {
      empty: {
        title: 'No webhooks yet',
        text: 'Webhooks that the sandbox received and verified appear here.',
      },
      summary: (verified: number, refused: number) => `${verified} verified, ${refused} refused`,
    },
  },
  trouble: {
    rejected: {
      title: 'You declined in your wallet',
      text: 'No money was sent. Try again when you are ready, and confirm in the wallet.',
    },
    walletBusy: {
      title: 'Your wallet is waiting for you',
      text: 'Open the wallet: an earlier request waits there. Answer it, then try again.',
    },
    wrongNetwork: { title: 'Your wallet is on another network', text: 'Switch the network, then try again.' },
    insufficientBalance: {
      title: 'Not enough money',
      text: (balance: string, needed: string) =>
        `You have ${balance}, the payment needs ${needed}. Enter a smaller amount, or get more first.`,
    },
    ownFrozen: {
      title: 'Your account is frozen',
      text: 'It can neither pay nor receive this coin. No money was sent. Contact the issuer of the coin.',
    },
    recipientFrozen: {
      title: 'The recipient’s account is frozen',
      text: 'It cannot receive this coin. No money was sent. Ask the recipient for another address.',
    },
    paused: {
      title: 'Payments are paused',
      text: 'The issuer has paused this coin for everybody. Your money is safe. Try again later.',
    },
    noGas: {
      title: 'No ETH for the network fee',
      text: 'Your account needs a little ETH to pay the fee. Get some first; on a test chain, “Get test money” brings it.',
    },
    permitExpired: {
      title: 'The permission has expired',
      text: 'It is valid for 20 minutes. No money was sent. Sign again.',
    },
    nodeUnreachable: {
      title: 'The network does not answer',
      text: 'The node cannot be reached. Check your connection. It is tried again by itself.',
    },
    sandboxUnreachable: {
      title: 'The sandbox does not answer',
      text: 'Start Corridor with “npm start”, or wait until it is up again, then try again.',
    },
    partnerMissing: {
      title: 'The demo partner is not set up yet',
      text: '“npm start” sets it up. Wait until it says “Corridor is ready”.',
    },
    settlementUnreachable: {
      title: 'The settlement service does not answer',
      text: 'Wait until it is up again. Payments that were accepted are not lost.',
    },
    faucetTooSoon: {
      title: 'Test money was sent a moment ago',
      text: (seconds: number) => `Ask again in ${seconds} seconds.`,
    },
    unknown: {
      title: 'That did not work',
      text: (detail: string) =>
        `The system says: “${detail}”. Try again; if it fails again, pass these words on.`,
    },
  },
};

export type Dictionary = typeof en;
