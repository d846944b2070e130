import { BaseError, ContractFunctionRevertedError } from 'viem';

/** For `catch`: undefined where a contract refused a read with this error of its own. @throws whatever else went wrong */
export function undefinedIfReverted(errorName: string): (error: unknown) => undefined {
  return (error) => {
    const cause =
      error instanceof BaseError && error.walk((one) => one instanceof ContractFunctionRevertedError);
    if (!(cause instanceof ContractFunctionRevertedError) || cause.data?.errorName !== errorName) throw error;
  };
}
