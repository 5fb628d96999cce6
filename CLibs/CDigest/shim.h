// The importer reads one header; the library brings its own.
#include <sys/types.h>
#include <sha2.h>
