/* A plug-in for a later version of the interface, whose table this version can't read. */
#include "acuity_plugin.h"

ACUITY_PLUGIN_EXPORT const void *acuity_plugin_entry(void);

ACUITY_PLUGIN_EXPORT const void *acuity_plugin_entry(void) {
  static const struct {
    uint32_t abi_version;
    uint32_t poison[63];
  } table = {.abi_version = 2, .poison = {0xdeadbeef, 0xdeadbeef, 0xdeadbeef, 0xdeadbeef}};
  return &table;
}
