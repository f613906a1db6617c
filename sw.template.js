// Keeps the lab working without a network. Built by scripts/offline-plugin.ts, which fills in the two constants.

const PREFIX = 'mmu-notifier-lab-'
const CACHE = PREFIX + __VERSION__
const FILES = __FILES__

const urlOf = path => new URL(path, self.registration.scope).href

self.addEventListener('install', event => {
  const requests = FILES.map(path => new Request(urlOf(path), { cache: 'reload' }))
  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(requests)))
})

self.addEventListener('activate', event => {
  event.waitUntil(dropOldCaches().then(() => self.clients.claim()))
})

// A new version waits until the page asks for it, so that no page runs on files of two versions.
self.addEventListener('message', event => {
  if (event.data === 'skip-waiting') self.skipWaiting()
})

self.addEventListener('fetch', event => {
  const { request } = event
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return
  event.respondWith(answer(request))
})

async function answer(request) {
  const cache = await caches.open(CACHE)
  const wanted = request.mode === 'navigate' ? urlOf('index.html') : request
  // Some hosts answer with `Vary: Origin`, by which a module script would not be found again.
  return (await cache.match(wanted, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request)
}

// Other apps may share this origin, and so may this app under another path: drop only what this scope has outlived.
async function dropOldCaches() {
  const names = await caches.keys()
  await Promise.all(names.filter(name => name.startsWith(PREFIX) && name !== CACHE).map(name => caches.delete(name)))
}
