#pragma once
/// The tutorial's service: counters by name, of which requests add to one or ask for one.

#include "runtime/service/service.hpp"

us::service counter_service();
