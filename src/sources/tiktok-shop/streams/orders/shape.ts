import { Shape } from '../shape.ts';
import { looksPersonal } from './personal.ts';

// The order object of "Get Order List" 202309 and "Get Order Detail" 202507 (TikTok Shop Partner Center).

const statuses = [
  'UNPAID',
  'ON_HOLD',
  'AWAITING_SHIPMENT',
  'PARTIALLY_SHIPPING',
  'AWAITING_COLLECTION',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
];

const packageShape = new Shape({ path: 'packages[].', text: ['id'], expected: ['id'] }, looksPersonal);

const handlingDuration = new Shape(
  { path: 'handling_duration.', text: ['days'], codes: { type: ['CALENDAR_DAY', 'BUSINESS_DAY'] } },
  looksPersonal,
);

const payment = new Shape(
  {
    path: 'payment.',
    text: [
      'currency',
      'sub_total',
      'shipping_fee',
      'seller_discount',
      'platform_discount',
      'payment_platform_discount',
      'payment_discount_service_fee',
      'total_amount',
      'original_total_product_price',
      'original_shipping_fee',
      'shipping_fee_seller_discount',
      'shipping_fee_platform_discount',
      'shipping_fee_cofunded_discount',
      'tax',
      'product_tax',
      'shipping_fee_tax',
      'small_order_fee',
      'retail_delivery_fee',
      'buyer_service_fee',
      'handling_fee',
      'shipping_insurance_fee',
      'item_insurance_fee',
      'item_insurance_tax',
      'distance_shipping_fee',
      'distance_fee',
    ],
    expected: ['currency', 'total_amount'],
  },
  looksPersonal,
);

const itemTax = new Shape(
  { path: 'line_items[].item_tax[].', text: ['tax_type', 'tax_amount', 'tax_rate'] },
  looksPersonal,
);

const unboxingCase = new Shape(
  { path: 'line_items[].unboxing_case_list[].', text: ['unbox_sku', 'unbox_sku_type'] },
  looksPersonal,
);

const combinedListing = new Shape(
  {
    path: 'line_items[].combined_listing_skus[].',
    text: ['sku_id', 'product_id', 'seller_sku'],
    numbers: ['sku_count'],
  },
  looksPersonal,
);

/** A part of a virtual bundle: a small line item, TikTok says no more. */
const subItem = new Shape(
  {
    path: 'line_items[].sub_item_info[].',
    text: [
      'id',
      'sku_id',
      'product_id',
      'product_name',
      'sku_name',
      'seller_sku',
      'sku_image',
      'sale_price',
      'original_price',
      'currency',
    ],
  },
  looksPersonal,
);

const lineItem = new Shape(
  {
    path: 'line_items[].',
    text: [
      'id',
      'sku_id',
      'product_id',
      'product_name',
      'sku_name',
      'seller_sku',
      'sku_image',
      'sku_type',
      'package_id',
      'sale_price',
      'original_price',
      'platform_discount',
      'seller_discount',
      'currency',
      'shipping_vat_amount',
      'shipping_vat_rate',
      'small_order_fee',
      'retail_delivery_fee',
      'buyer_service_fee',
      'pfand_fee',
      'gift_retail_price',
      'distance_shipping_fee',
      'distance_fee',
      'tracking_number',
      'shipping_provider_id',
      'shipping_provider_name',
      'cancel_reason',
      'handling_duration_days',
      'room_id',
      'product_listing_type',
      'unboxing_sku_code',
      'pod_info_id',
    ],
    codes: {
      display_status: statuses,
      package_status: ['TO_FULFILL', 'PROCESSING', 'FULFILLING', 'COMPLETED', 'CANCELLED'],
      cancel_user: ['BUYER', 'SELLER', 'OPERATOR', 'SYSTEM'],
    },
    numbers: ['rts_time'],
    flags: ['is_gift', 'is_dangerous_good', 'needs_prescription', 'is_unboxing_item', 'is_pod_customized'],
    lists: {
      item_tax: itemTax,
      unboxing_case_list: unboxingCase,
      combined_listing_skus: combinedListing,
      sub_item_info: subItem,
    },
    expected: ['id', 'sku_id', 'product_id', 'sale_price'],
  },
  looksPersonal,
);

/** The documented fields of an order. */
export const orderShape = new Shape(
  {
    text: [
      'id',
      'user_id',
      'buyer_email',
      'buyer_message',
      'buyer_nickname',
      'buyer_avatar',
      'seller_note',
      'cpf',
      'cpf_name',
      'delivery_option_id',
      'delivery_option_name',
      'shipping_provider',
      'shipping_provider_id',
      'tracking_number',
      'warehouse_id',
      'auto_combine_group_id',
      'fast_delivery_program',
      'cancel_reason',
      'replaced_order_id',
      'exchange_source_order_id',
      'consultation_id',
      'payment_method_name',
      'payment_method_code',
      'payment_card_type',
      'payment_auth_code',
      'channel_entity_national_registry_id',
    ],
    codes: {
      status: statuses,
      order_type: [
        'NORMAL',
        'ZERO_LOTTERY',
        'AUCTION',
        'PRE_ORDER',
        'MADE_TO_ORDER',
        'BACK_ORDER',
        'VIRTUAL_ORDER',
      ],
      commerce_platform: ['TIKTOK_SHOP', 'TOKOPEDIA'],
      fulfillment_type: [
        'FULFILLMENT_BY_SELLER',
        'FULFILLMENT_BY_TIKTOK',
        'FULFILLMENT_BY_DILAYANI_TOKOPEDIA',
      ],
      shipping_type: ['TIKTOK', 'SELLER', 'TIKTOK_DIGITAL'],
      delivery_type: ['HOME_DELIVERY', 'COLLECTION_POINT'],
      split_or_combine_tag: ['COMBINED', 'SPLIT'],
      cancellation_initiator: ['SELLER', 'BUYER', 'SYSTEM'],
      need_upload_invoice: ['UNKNOWN', 'NEED_INVOICE', 'NO_NEED', 'INVOICE_UPLOADED'],
    },
    numbers: [
      'create_time',
      'update_time',
      'paid_time',
      'rts_time',
      'collection_time',
      'delivery_time',
      'cancel_time',
      'request_cancel_time',
      'release_date',
      'rts_sla_time',
      'tts_sla_time',
      'cancel_order_sla_time',
      'shipping_due_time',
      'collection_due_time',
      'delivery_due_time',
      'delivery_sla_time',
      'delivery_option_required_delivery_time',
      'pick_up_cut_off_time',
      'fast_dispatch_sla_time',
      'fast_rts_sla_time',
      'fast_collection_sla_time',
      'recommended_shipping_time',
      'instore_pickup_sla_time',
      'fulfillment_priority_level',
    ],
    flags: [
      'is_buyer_request_cancel',
      'is_cod',
      'is_on_hold_order',
      'is_sample_order',
      'is_refundable_sample',
      'is_replacement_order',
      'is_exchange_order',
      'is_subscription_order',
      'has_updated_recipient_address',
      'authentication_required',
    ],
    objects: { payment, recipient_address: null, handling_duration: handlingDuration },
    lists: { line_items: lineItem, packages: packageShape, order_rights: null },
    expected: ['id', 'user_id', 'status', 'create_time', 'update_time', 'payment', 'line_items'],
    personal: [
      'buyer_email',
      'buyer_message',
      'buyer_nickname',
      'buyer_avatar',
      'seller_note',
      'cpf',
      'cpf_name',
      'recipient_address',
      'payment_auth_code',
      'channel_entity_national_registry_id',
    ],
  },
  looksPersonal,
);
