#pragma once
/// balance as an app: DNS in front of any servers, checked by every node.

#include "actors/app/app.hpp"

namespace balance {

us::app make_app();

}  // namespace balance
