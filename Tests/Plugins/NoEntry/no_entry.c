/* A shared library that isn't a plug-in. */
#include "acuity_plugin.h"

ACUITY_PLUGIN_EXPORT int acuity_plugin_nothing(void);

ACUITY_PLUGIN_EXPORT int acuity_plugin_nothing(void) { return 0; }
