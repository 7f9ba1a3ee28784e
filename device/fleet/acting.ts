import type { HttpsDownloader } from '#device/agent/io/https-downloader.ts';
import type { MqttLink } from '#device/agent/io/mqtt-link.ts';
import type { Downloader, Installer, Link } from '#device/agent/ports.ts';
import type { Behaviour, Puppet } from './behaviour.ts';

/** What a device really has, under any behaviour. */
export interface RealParts {
  readonly installer: Installer;
  readonly downloader: HttpsDownloader;
  readonly link: MqttLink;
}

interface Dressed {
  readonly behaviour: Behaviour;
  readonly installer: Installer;
  readonly downloader: Downloader;
  readonly link: Link;
}

/** The parts of one device as its present behaviour shows them; the behaviour is chosen anew for each release. */
export class Acting {
  readonly #real: RealParts;
  readonly #puppet: Puppet;
  readonly #choose: (targetVersion: string | undefined) => Behaviour;
  readonly #wardrobe = new Map<string, Dressed>();
  #now: Dressed;

  constructor(real: RealParts, puppet: Puppet, choose: (targetVersion: string | undefined) => Behaviour) {
    this.#real = real;
    this.#puppet = puppet;
    this.#choose = choose;
    this.#now = this.#dress(choose(undefined));
  }

  get behaviour(): Behaviour {
    return this.#now.behaviour;
  }

  readonly installer: Installer = {
    install: (path, manifest) => this.#for(manifest.version).installer.install(path, manifest),
    reboot: () => this.#now.installer.reboot(),
    runningImage: () => this.#now.installer.runningImage(),
    confirm: () => this.#now.installer.confirm(),
  };

  readonly downloader: Downloader = {
    fetch: (wanted, signal) => this.#for(wanted.version).downloader.fetch(wanted, signal),
    discard: (sha256) => this.#now.downloader.discard(sha256),
  };

  readonly link: Link = {
    open: (listener) => this.#now.link.open(listener),
    publish: (kind, payload) => this.#now.link.publish(kind, payload),
    close: () => this.#now.link.close(),
  };

  #for(version: string): Dressed {
    this.#now = this.#dress(this.#choose(version));
    return this.#now;
  }

  #dress(behaviour: Behaviour): Dressed {
    const worn = this.#wardrobe.get(behaviour.name);
    if (worn !== undefined) return worn;
    const { installer, downloader, link } = this.#real;
    const dressed: Dressed = {
      behaviour,
      installer: behaviour.installer?.(installer, this.#puppet) ?? installer,
      downloader: behaviour.downloader?.(downloader, this.#puppet) ?? downloader,
      link: behaviour.link?.(link, this.#puppet) ?? link,
    };
    this.#wardrobe.set(behaviour.name, dressed);
    return dressed;
  }
}
