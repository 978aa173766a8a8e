export default async function globalTeardown() {
  await Promise.all((globalThis.servicesOfThisRun ?? []).map((service) => service.close()));
}
