// The importer reads one header; the library brings its own.
#include <libdevmapper.h>
