import { app, protocol, type Session, type WebContents, type WebFrameMain } from 'electron';

/** The renderer's own origin; nothing else is ever loaded. */
export const ORIGIN = 'app://syncact';

/** What the page may do: nothing but show itself and talk to the preload script. */
export function webPreferences() {
  return {
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webviewTag: false,
    // Its dictionaries would be downloaded.
    spellcheck: false,
    devTools: !app.isPackaged,
  };
}

/** Whether a message comes from a page of this program; the frame is null once it has gone or navigated away. */
export function isOwnPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.url.startsWith(`${ORIGIN}/`);
}

/** Everything that must be said before Electron is ready. */
export function secureApp(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  app.enableSandbox();
  // Offline by construction: requests are cancelled below, but prefetching of names and Chromium's own services are not requests.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('disable-background-networking');
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, decide) => {
    event.preventDefault();
    decide(false);
  });
  app.on('select-client-certificate', (event, _contents, _url, _certificates, choose) => {
    event.preventDefault();
    choose();
  });
  app.on('web-contents-created', (_event, contents) => restrict(contents));
}

/** No permission, no device, no dictionary, and no request that leaves the program. */
export function secureSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !isOwnRequest(details.url) }));
}

/** Pages stay where they are, open no windows, embed nothing, and get no device. */
function restrict(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  // Where nobody listens, Electron takes the first Bluetooth device that is found.
  contents.on('select-bluetooth-device', (event, _devices, choose) => {
    event.preventDefault();
    choose('');
  });
  // WebRTC makes no requests that could be cancelled; so it gets no way out.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

function isOwnRequest(url: string): boolean {
  if (url.startsWith(`${ORIGIN}/`) || url.startsWith(`blob:${ORIGIN}/`)) return true;
  return !app.isPackaged && url.startsWith('devtools://');
}
