#include "acuity_plugin.h"

/* The layouts that version 1 promises to libraries compiled elsewhere, on every 64-bit platform. */
_Static_assert(sizeof(void *) == 8, "the plug-in ABI is defined for 64-bit platforms");
_Static_assert(sizeof(acuity_option) == 56, "acuity_option");
_Static_assert(sizeof(acuity_value) == 40, "acuity_value");
_Static_assert(sizeof(acuity_picture) == 64, "acuity_picture");
_Static_assert(sizeof(acuity_plugin) == 64, "acuity_plugin");
_Static_assert(offsetof(acuity_plugin, abi_version) == 0, "abi_version comes first in every version");
