import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { askSandbox } from '../../lib/sandbox.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { useSandboxUrl } from './partnerApi.ts';

interface DownloadButtonProps {
  path: string;
  fileName: string;
  disabled?: boolean;
  children: ReactNode;
}

/** Fetches a file from the partner's back office and saves it; a refusal is shown as a sentence, not as a file. */
export function DownloadButton({ path, fileName, disabled = false, children }: DownloadButtonProps) {
  const sandboxUrl = useSandboxUrl();
  const download = useMutation({
    mutationFn: async () => save(await (await askSandbox(sandboxUrl, path)).blob(), fileName),
  });
  return (
    <div>
      <Button
        look="secondary"
        busy={download.isPending}
        disabled={disabled}
        onClick={() => download.mutate()}
      >
        {!download.isPending && <Icon name="download" size={18} />}
        {children}
      </Button>
      {download.error && <TroubleNotice error={download.error} />}
    </div>
  );
}

function save(blob: Blob, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
